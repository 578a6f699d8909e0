// Meter: how loud the microphone hears, drawn over the last seconds, and in words.
"use strict";

window.loaxa = window.loaxa || {};

(() => {
  const SHOWN = 80;
  const JUDGED = 30;
  const FLOOR_DB = -60;
  const QUIET_DB = -38;
  const LOUD_DB = -1;

  const decibels = (value) => (value > 0 ? Math.max(FLOOR_DB, 20 * Math.log10(value)) : FLOOR_DB);

  // `told(name)`: "quiet", "good" or "loud", whenever it changes.
  class Meter {
    constructor(canvas, told) {
      this.canvas = canvas;
      this.told = told;
      this.style = getComputedStyle(canvas);
      this.clear();
    }

    clear() {
      this.levels = [];
      this.word = "";
      this.draw();
    }

    // A tenth of a second: its highest sample and its RMS, full scale being 1.
    add(peak, rms) {
      this.levels.push({ peak: decibels(peak), rms: decibels(rms) });
      if (this.levels.length > SHOWN) this.levels.shift();
      this.judge();
      this.draw();
    }

    judge() {
      const recent = this.levels.slice(-JUDGED);
      const loudest = Math.max(...recent.map((level) => level.peak));
      const spoken = Math.max(...recent.map((level) => level.rms));
      const word = loudest >= LOUD_DB ? "loud" : spoken < QUIET_DB ? "quiet" : "good";
      if (word === this.word || this.levels.length < 5) return;
      this.word = word;
      this.told(word);
    }

    draw() {
      const { canvas } = this;
      const pen = canvas.getContext("2d");
      const share = (level) => (level - FLOOR_DB) / -FLOOR_DB;
      const step = canvas.width / SHOWN;
      pen.clearRect(0, 0, canvas.width, canvas.height);
      for (const [n, level] of this.levels.entries()) {
        const name = level.peak >= LOUD_DB ? "--danger" : level.rms < QUIET_DB ? "--off" : "--accent";
        pen.fillStyle = this.style.getPropertyValue(name);
        const height = Math.max(2, share(level.rms) * canvas.height);
        pen.fillRect(n * step, (canvas.height - height) / 2, step - 2, height);
      }
    }
  }

  window.loaxa.Meter = Meter;
})();
