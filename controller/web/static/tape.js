// Tape: one person's recording in the browser's database. What was recorded stays; what is heard is a list of pieces of it,
// so that a part can be recorded again, and that be undone.
"use strict";

window.loaxa = window.loaxa || {};

(() => {
  const { keep } = window.loaxa;
  const FADE_MS = 5;

  // A piece is {take, from, until}, in samples of the take.
  const lengthOf = (pieces) => pieces.reduce((sum, piece) => sum + piece.until - piece.from, 0);

  // The pieces between two samples of what is heard.
  const between = (pieces, start, end) => {
    const found = [];
    let at = 0;
    for (const piece of pieces) {
      const length = piece.until - piece.from;
      const from = Math.max(start, at) - at;
      const until = Math.min(end, at + length) - at;
      if (until > from) found.push({ take: piece.take, from: piece.from + from, until: piece.from + until });
      at += length;
    }
    return found;
  };

  // With `added` in the place of what lies between two samples.
  const replaced = (pieces, start, end, added) => [
    ...between(pieces, 0, start),
    ...added,
    ...between(pieces, end, lengthOf(pieces)),
  ];

  const faded = (block, at, length, soft, rate) => {
    const fade = Math.round((rate * FADE_MS) / 1000);
    for (let n = 0; n < block.length; n += 1) {
      const where = at + n;
      if (soft.start && where < fade) block[n] = Math.round((block[n] * where) / fade);
      if (soft.end && length - where <= fade) block[n] = Math.round((block[n] * (length - where - 1)) / fade);
    }
    return block;
  };

  class Tape {
    constructor(session) {
      this.session = session;
      this.past = [];
    }

    static async of(person) {
      const found = (await keep.all("sessions")).find((each) => each.person === person);
      return found ? new Tape(found) : null;
    }

    static async begin(person, rate) {
      const session = { id: crypto.randomUUID(), person, rate, made: Date.now(), pieces: [], takes: 0, sizes: {} };
      await keep.put("sessions", session);
      return new Tape(session);
    }

    get rate() {
      return this.session.rate;
    }

    get pieces() {
      return this.session.pieces;
    }

    get samples() {
      return lengthOf(this.pieces);
    }

    get seconds() {
      return this.samples / this.rate;
    }

    save(more = {}) {
      Object.assign(this.session, more);
      return keep.put("sessions", this.session);
    }

    // What is recorded now comes in the place of the samples from `start` to before `end`.
    newTake(start, end) {
      this.session.takes += 1;
      this.take = { number: this.session.takes, n: 0, samples: 0, start, end, before: this.pieces };
      this.past.push(this.pieces);
      return this.save();
    }

    // A second of the take, durable when this ends; and at once part of what is heard, should the tab die now.
    async add(pcm) {
      const { session, take } = this;
      const chunk = { session: session.id, take: take.number, n: take.n, at: take.samples, pcm };
      take.n += 1;
      take.samples += pcm.length;
      await keep.put("chunks", chunk);
      const added = [{ take: take.number, from: 0, until: take.samples }];
      await this.save({ pieces: replaced(take.before, take.start, take.end, added) });
    }

    endTake() {
      if (!this.take.samples) this.past.pop();
      this.take = null;
    }

    get canUndo() {
      return this.past.length > 0;
    }

    undo() {
      return this.save({ pieces: this.past.pop() });
    }

    async *blocks() {
      const { pieces, rate } = this;
      for (const [index, piece] of pieces.entries()) {
        const soft = { start: index > 0, end: index < pieces.length - 1 };
        yield* this.piece(piece, soft, rate);
      }
    }

    async *piece(piece, soft, rate) {
      const length = piece.until - piece.from;
      for (let n = 0; ; n += 1) {
        const chunk = await keep.get("chunks", [this.session.id, piece.take, n]);
        if (!chunk || chunk.at >= piece.until) return;
        const from = Math.max(0, piece.from - chunk.at);
        const until = Math.min(chunk.pcm.length, piece.until - chunk.at);
        if (until > from) yield faded(chunk.pcm.slice(from, until), chunk.at + from - piece.from, length, soft, rate);
      }
    }

    async forget() {
      await keep.remove("sessions", this.session.id);
      await keep.remove("files", `tape ${this.session.id}`);
      await keep.removeChunks(this.session.id);
    }
  }

  window.loaxa.Tape = Tape;
})();
