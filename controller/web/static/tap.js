// Tap: runs beside the microphone's own thread and hands on its samples, a tenth of a second at a time, with their level.
"use strict";

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(sampleRate / 10);
    this.begin();
  }

  begin() {
    this.block = new Int16Array(this.size);
    this.at = 0;
    this.peak = 0;
    this.power = 0;
  }

  process(inputs) {
    const channels = inputs[0];
    const length = channels.length ? channels[0].length : 0;
    for (let n = 0; n < length; n += 1) {
      let value = 0;
      for (const channel of channels) value += channel[n] / channels.length;
      value = Math.max(-1, Math.min(1, value));
      this.block[this.at] = Math.round(value * 32767);
      this.at += 1;
      this.peak = Math.max(this.peak, Math.abs(value));
      this.power += value * value;
      if (this.at === this.size) this.tell();
    }
    return true;
  }

  tell() {
    const told = { pcm: this.block, peak: this.peak, rms: Math.sqrt(this.power / this.size) };
    this.port.postMessage(told, [told.pcm.buffer]);
    this.begin();
  }
}

registerProcessor("tap", Tap);
