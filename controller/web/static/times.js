// Times: a place in a recording as people write it, 1:02,35, and back; the server reads and writes the same.
"use strict";

window.loaxa = window.loaxa || {};

(() => {
  const SHAPE = /^(?:(\d{1,2}):)?(?:(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/;

  // Milliseconds, or null when it is no time.
  const read = (text) => {
    const found = SHAPE.exec(text.trim());
    if (!found) return null;
    const [, first, second, seconds, part = ""] = found;
    const minutes = second === undefined ? Number(first || 0) : Number(first) * 60 + Number(second);
    if (first !== undefined && Number(seconds) > 59) return null;
    if (second !== undefined && Number(second) > 59) return null;
    return (minutes * 60 + Number(seconds)) * 1000 + Number(part.padEnd(3, "0"));
  };

  const write = (milliseconds) => {
    const whole = Math.max(0, Math.round(milliseconds / 10) * 10);
    const hours = Math.floor(whole / 3600000);
    const minutes = String(Math.floor(whole / 60000) % 60).padStart(hours ? 2 : 1, "0");
    const seconds = String(Math.floor(whole / 1000) % 60).padStart(2, "0");
    const part = String((whole % 1000) / 10).padStart(2, "0");
    return `${hours ? `${hours}:` : ""}${minutes}:${seconds},${part}`;
  };

  window.loaxa.times = { read, write };
})();
