// Print: the button that asks the browser to print the page; without scripts the browser's own menu does it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".print-it")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});
