// The programme: parts are dragged by their grip; what is dropped is sent by the same form that the buttons use.
"use strict";

(() => {
  const list = document.querySelector(".parts[data-movable]");
  const form = document.getElementById("drag");
  if (!list || !form) return;
  list.classList.add("movable");
  let dragged = null;

  const clear = () => {
    for (const part of list.children) part.classList.remove("above", "below", "dragged");
  };

  const under = (y) => {
    const parts = [...list.children];
    return parts.find((part) => y < part.getBoundingClientRect().bottom) ?? parts.at(-1);
  };

  const placeAt = (y) => {
    const part = under(y);
    const box = part.getBoundingClientRect();
    return { part, below: y > box.top + box.height / 2 };
  };

  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".grip");
    if (!grip) return;
    dragged = grip.closest(".part");
    dragged.classList.add("dragged");
    grip.setPointerCapture(event.pointerId);
    event.preventDefault();
  });

  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    clear();
    dragged.classList.add("dragged");
    const { part, below } = placeAt(event.clientY);
    part.classList.add(below ? "below" : "above");
  });

  list.addEventListener("pointerup", (event) => {
    if (!dragged) return;
    const from = Number(dragged.dataset.number);
    const { part, below } = placeAt(event.clientY);
    let to = Number(part.dataset.number) + (below ? 1 : 0);
    if (to > from) to -= 1;
    dragged = null;
    clear();
    if (to === from) return;
    form.elements.number.value = from;
    form.elements.to.value = to;
    form.submit();
  });

  list.addEventListener("pointercancel", () => {
    dragged = null;
    clear();
  });
})();
