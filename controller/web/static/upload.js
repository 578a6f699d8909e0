// Upload: refuse a file that is too large before sending it, and show how far the sending is.
"use strict";

(() => {
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form.compose");
    const file = document.getElementById("file");
    const shown = document.getElementById("upload");
    const bar = document.getElementById("upload-bar");
    const text = document.getElementById("upload-text");
    const audio = document.getElementById("content-audio");
    const isUpload = (event) => event.detail.elt === form && audio.checked;

    form.addEventListener("change", () => {
      const chosen = file.files[0];
      const tooLarge = audio.checked && chosen && chosen.size > Number(form.dataset.maxBytes);
      file.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
      if (tooLarge) file.reportValidity();
    });

    document.addEventListener("htmx:xhr:progress", (event) => {
      if (!isUpload(event) || !event.detail.lengthComputable || !file.files.length) return;
      const percent = Math.floor((event.detail.loaded / event.detail.total) * 100);
      shown.hidden = false;
      bar.value = percent;
      text.textContent = `${percent} %`;
    });

    document.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt === form && !event.detail.successful) shown.hidden = true;
    });
  });
})();
