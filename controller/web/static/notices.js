// Notices: mark the field that a refusal belongs to, and bring the sentence into view.
"use strict";

(() => {
  const mark = () => {
    for (const field of document.querySelectorAll("[aria-invalid=true]")) field.removeAttribute("aria-invalid");
    const notice = document.querySelector(".notice[data-field]");
    const name = notice && notice.dataset.field;
    const field = name && document.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!field) return;
    field.setAttribute("aria-invalid", "true");
    field.focus({ preventScroll: true });
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "notices") return;
    mark();
    event.detail.target.scrollIntoView({ block: "center" });
  });

  // No answer at all: say so, in the words of the page's own stale notice.
  document.addEventListener("htmx:sendError", () => {
    const stale = document.getElementById("stale");
    if (stale) stale.hidden = false;
  });

  document.addEventListener("DOMContentLoaded", mark);
})();
