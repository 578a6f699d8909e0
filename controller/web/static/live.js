// Live: one event stream per visible page; each element with data-live fetches its content anew when one of its keys
// changed. The element itself stays: a change told while it is fetching is queued on it by htmx, and not lost.
"use strict";

(() => {
  const BEATS_MISSED_MS = 15000;
  let source = null;
  let silence = 0;
  let lastTime = "";
  let lost = false;

  const parts = () => [...document.querySelectorAll("[data-live]")];
  const keysOf = (part) => part.dataset.live.split(",");
  const refresh = (part) => window.htmx.trigger(part, "live");

  const showStale = (stale) => {
    lost = stale;
    const notice = document.getElementById("stale");
    notice.hidden = !stale;
    if (stale && lastTime) document.getElementById("stale-since").textContent = lastTime;
  };

  const heard = (event) => {
    window.clearTimeout(silence);
    silence = window.setTimeout(() => showStale(true), BEATS_MISSED_MS);
    const data = JSON.parse(event.data);
    lastTime = data.time;
    return data;
  };

  const open = () => {
    const keys = new Set(parts().flatMap(keysOf));
    if (source || keys.size === 0) return;
    source = new EventSource(`/su-kien?theo=${encodeURIComponent([...keys].join(","))}`);
    source.addEventListener("hello", (event) => {
      heard(event);
      showStale(false);
      // Whatever happened between the page's making (or the loss) and now was not told.
      parts().forEach(refresh);
    });
    source.addEventListener("beat", heard);
    source.addEventListener("change", (event) => {
      const changed = new Set(heard(event).keys);
      for (const part of parts()) {
        if (changed.has("all") || keysOf(part).some((key) => changed.has(key))) refresh(part);
      }
    });
    source.onerror = () => {
      showStale(true);
      // A refusal (signed out, too many pages) closes for good; try again like a lost connection.
      if (source && source.readyState === EventSource.CLOSED) {
        close();
        window.setTimeout(open, 5000);
      }
    };
  };

  const close = () => {
    if (!source) return;
    source.close();
    source = null;
    window.clearTimeout(silence);
  };

  // A browser gives one site six connections: hidden pages let theirs go.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !lost) document.getElementById("stale").hidden = true;
  });
})();
