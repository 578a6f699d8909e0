// Says each chosen day in words under its field: the field itself follows the browser, be it month first.
(() => {
  const english = document.documentElement.lang === "en";
  const words = new Intl.DateTimeFormat(english ? "en-GB" : "vi-VN", {
    weekday: "long", day: english ? "numeric" : "2-digit", month: english ? "long" : "2-digit", year: "numeric",
    timeZone: "UTC",
  });
  const say = (input) => {
    const label = input.closest("label");
    if (!label) return;
    const day = input.valueAsDate;
    if (day) label.dataset.echo = words.format(day);
    else delete label.dataset.echo;
  };
  const all = (root) => root.querySelectorAll?.("input[type=date]").forEach(say);
  document.addEventListener("input", (event) => {
    if (event.target.type === "date") say(event.target);
  });
  document.addEventListener("htmx:load", (event) => all(event.target));
  window.addEventListener("pageshow", () => all(document));
})();
