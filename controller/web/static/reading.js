// Enter in a reading presses the button beside it: in a long form it would press the form's own.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
  const line = event.target.closest(".readings li");
  if (!line) return;
  event.preventDefault();
  line.querySelector("button").click();
});
