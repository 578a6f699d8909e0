// The tree of areas: a parent's box stands for all below it; a parent with only some chosen shows a dash.
"use strict";

(() => {
  const boxOf = (item) => item.querySelector(":scope > label input");
  const childrenOf = (item) => [...item.querySelectorAll(":scope > ul > li")];

  const settle = (item) => {
    const children = childrenOf(item);
    if (children.length === 0) return;
    const boxes = children.map(boxOf);
    const box = boxOf(item);
    box.checked = boxes.every((child) => child.checked);
    box.indeterminate = !box.checked && boxes.some((child) => child.checked || child.indeterminate);
  };

  const settleUpwards = (item) => {
    const above = item.parentElement.closest(".tree li");
    if (!above) return;
    settle(above);
    settleUpwards(above);
  };

  const choose = (item, checked) => {
    for (const box of item.querySelectorAll("input[name=areas]")) {
      box.checked = checked;
      box.indeterminate = false;
    }
  };

  const grow = () => {
    for (const tree of document.querySelectorAll(".tree:not([data-grown])")) {
      tree.dataset.grown = "";
      for (const box of tree.querySelectorAll("input[name=areas]:checked")) choose(box.closest("li"), true);
      for (const item of [...tree.querySelectorAll("li")].reverse()) settle(item);
      // In the capturing phase, so that the form's own listeners see the settled boxes.
      tree.addEventListener(
        "change",
        (event) => {
          const item = event.target.closest("li");
          choose(item, event.target.checked);
          settleUpwards(item);
        },
        true,
      );
    }
  };

  document.addEventListener("DOMContentLoaded", grow);
  // A form that was fetched anew brings a new tree.
  document.addEventListener("htmx:afterSettle", grow);
})();
