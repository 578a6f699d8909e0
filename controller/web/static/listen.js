// Listen: tells the server how much of a clip this person's player has put out, no part counted twice.
"use strict";

(() => {
  const STEP_MS = 3000;

  const heardMs = (audio) => {
    let seconds = 0;
    for (let n = 0; n < audio.played.length; n += 1) seconds += audio.played.end(n) - audio.played.start(n);
    return Math.round(seconds * 1000);
  };

  const follow = (audio) => {
    const told = document.getElementById(audio.dataset.told);
    let last = 0;
    let sending = false;

    const tell = async (atLeast) => {
      const heard = heardMs(audio);
      if (sending || heard - last < atLeast) return;
      sending = true;
      last = heard;
      const body = new URLSearchParams({ heard_ms: String(heard), csrf_token: audio.dataset.csrf });
      try {
        const answer = await fetch(audio.dataset.listen, { method: "POST", body, keepalive: true });
        if (answer.ok && told) told.textContent = (await answer.text()).trim();
        if (!answer.ok) last = 0;
      } catch {
        last = 0;
      }
      sending = false;
    };

    audio.addEventListener("timeupdate", () => tell(STEP_MS));
    for (const name of ["pause", "ended", "seeked"]) audio.addEventListener(name, () => tell(1));
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const audio of document.querySelectorAll("audio[data-listen]")) follow(audio);
  });
})();
