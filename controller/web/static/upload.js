// Upload: sends the chosen file in pieces while the person still fills in the form, and goes on after a lost connection
// or a reload of the page. Where that does not work, the form sends the file as any form does.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.compose");
  const file = document.getElementById("file");
  const shown = document.getElementById("upload");
  const bar = document.getElementById("upload-bar");
  const text = document.getElementById("upload-text");
  const state = document.getElementById("upload-state");
  const id = document.getElementById("upload-id");
  const audio = document.getElementById("content-audio");
  const { keep, resumable } = window.loaxa;
  const words = form.dataset;
  const kept = `compose ${words.person}`;
  let sending = null;

  const say = (sentence) => {
    state.textContent = sentence;
    state.hidden = !sentence;
  };
  const progress = (percent) => {
    shown.hidden = false;
    bar.value = percent;
    text.textContent = `${percent} %`;
  };
  const keyOf = (chosen) => `${kept} ${chosen.name} ${chosen.size} ${chosen.lastModified}`;

  const begin = (chosen) => {
    sending?.stop();
    id.value = "";
    say("");
    progress(0);
    const current = resumable.send(chosen, {
      name: chosen.name,
      key: keyOf(chosen),
      csrf: form.elements.csrf_token.value,
      told: {
        progress,
        lost: () => say(words.lost),
        back: () => say(""),
        failed: (sentence) => say(sentence || words.failed),
      },
    });
    sending = current;
    current.done.then((upload) => {
      if (sending !== current) return;
      id.value = upload;
      progress(100);
      say(words.uploaded);
    });
  };

  form.addEventListener("change", (event) => {
    const chosen = file.files[0];
    const tooLarge = audio.checked && chosen && chosen.size > Number(words.maxBytes);
    file.setCustomValidity(tooLarge ? words.tooLarge : "");
    if (tooLarge) file.reportValidity();
    if (event.target !== file || tooLarge || !chosen || !resumable.works()) return;
    begin(chosen);
    // Without room for a copy the person has to choose the file again after a reload; it goes on all the same.
    keep.put("files", { key: kept, blob: chosen }).catch(() => {});
  });

  // The form waits for the last piece, and then names the upload instead of carrying the file.
  form.addEventListener(
    "submit",
    (event) => {
      if (!audio.checked || !sending || id.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const current = sending;
      current.done.then(() => sending === current && form.requestSubmit(event.submitter));
    },
    true,
  );
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === form && id.value) event.detail.formData.delete("file");
  });

  // Handed in: the copy goes before the next page comes.
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    const to = event.detail.xhr.getResponseHeader("HX-Redirect");
    const chosen = file.files[0];
    if (event.detail.elt !== form || !to || !chosen) return;
    event.preventDefault();
    resumable.forget(keyOf(chosen));
    const leave = () => location.assign(to);
    keep.remove("files", kept).then(leave, leave);
  });

  // Without pieces: how far the whole is.
  document.addEventListener("htmx:xhr:progress", (event) => {
    if (event.detail.elt !== form || sending || !event.detail.lengthComputable || !file.files.length) return;
    if (audio.checked) progress(Math.floor((event.detail.loaded / event.detail.total) * 100));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === form && !event.detail.successful && !sending) shown.hidden = true;
  });

  const goOn = async () => {
    const found = resumable.works() && !file.files.length ? await keep.get("files", kept) : null;
    if (!found) return;
    const again = new DataTransfer();
    again.items.add(found.blob);
    file.files = again.files;
    audio.checked = true;
    begin(file.files[0]);
    say(words.resumed);
  };
  goOn().catch(() => {});
});
