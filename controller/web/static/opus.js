// Opus: makes the file that is sent, from samples: Ogg/Opus (RFC 7845) by the browser's own encoder, else WAV.
"use strict";

window.loaxa = window.loaxa || {};

(() => {
  const RATE = 48000;
  const FRAME = 960;
  const BITS_PER_SECOND = 64000;
  const PRE_SKIP = 312;
  const PACKETS_A_PAGE = 50;
  const AHEAD = 40;
  const SERIAL = 0x6c6f6178;

  // RFC 3533, section 6: polynomial 04c11db7, not reflected, beginning with 0.
  const TABLE = Uint32Array.from({ length: 256 }, (_value, index) => {
    let crc = index << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    return crc >>> 0;
  });

  const crcOf = (bytes) => {
    let crc = 0;
    for (const byte of bytes) crc = ((crc << 8) ^ TABLE[((crc >>> 24) ^ byte) & 255]) >>> 0;
    return crc;
  };

  const page = (packets, number, granule, flags) => {
    const lacing = packets.flatMap((packet) => [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255]);
    const size = packets.reduce((sum, packet) => sum + packet.length, 0);
    const bytes = new Uint8Array(27 + lacing.length + size);
    const view = new DataView(bytes.buffer);
    bytes.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
    view.setBigInt64(6, BigInt(granule), true);
    view.setUint32(14, SERIAL, true);
    view.setUint32(18, number, true);
    bytes[26] = lacing.length;
    bytes.set(lacing, 27);
    let at = 27 + lacing.length;
    for (const packet of packets) {
      bytes.set(packet, at);
      at += packet.length;
    }
    view.setUint32(22, crcOf(bytes), true);
    return bytes;
  };

  const ascii = (text) => [...text].map((letter) => letter.charCodeAt(0));

  const head = (preSkip) => {
    const bytes = new Uint8Array(19);
    const view = new DataView(bytes.buffer);
    bytes.set([...ascii("OpusHead"), 1, 1]);
    view.setUint16(10, preSkip, true);
    view.setUint32(12, RATE, true);
    return bytes;
  };

  const tags = () => Uint8Array.from([...ascii("OpusTags"), 5, 0, 0, 0, ...ascii("LoaXa"), 0, 0, 0, 0]);

  const configuration = {
    codec: "opus",
    sampleRate: RATE,
    numberOfChannels: 1,
    bitrate: BITS_PER_SECOND,
    opus: { frameDuration: 20000 },
  };

  const canEncode = async (rate) => {
    if (rate !== RATE || !globalThis.AudioEncoder) return false;
    try {
      return (await AudioEncoder.isConfigSupported(configuration)).supported;
    } catch {
      return false;
    }
  };

  // `samples`: how many there are; `blocks`: an async iterable of Int16Array; `progress(percent)`.
  const ogg = async (blocks, samples, progress) => {
    const pages = [];
    let packets = [];
    let frames = 0;
    let preSkip = PRE_SKIP;
    let failure = null;
    const flush = (last) => {
      const granule = last ? preSkip + samples : frames * FRAME;
      pages.push(page(packets, pages.length + 2, granule, last ? 4 : 0));
      packets = [];
    };
    const encoder = new AudioEncoder({
      output: (chunk, told) => {
        const description = told?.decoderConfig?.description;
        if (description) {
          const given = ArrayBuffer.isView(description) ? description : new Uint8Array(description);
          preSkip = new DataView(given.buffer, given.byteOffset).getUint16(10, true);
        }
        // What lies wholly behind the end would make the last page's position a lie.
        if (frames * FRAME >= preSkip + samples) return;
        if (packets.length === PACKETS_A_PAGE) flush(false);
        const packet = new Uint8Array(chunk.byteLength);
        chunk.copyTo(packet);
        packets.push(packet);
        frames += 1;
      },
      error: (error) => (failure = error),
    });
    encoder.configure(configuration);
    let at = 0;
    const feed = (data) => {
      const timestamp = Math.round((at / RATE) * 1e6);
      const audio = new AudioData({
        format: "s16", sampleRate: RATE, numberOfFrames: data.length, numberOfChannels: 1, timestamp, data,
      });
      encoder.encode(audio);
      audio.close();
      at += data.length;
    };
    for await (const block of blocks) {
      if (failure) throw failure;
      feed(block);
      progress(Math.min(99, Math.floor((at / samples) * 100)));
      while (encoder.encodeQueueSize > AHEAD && !failure) {
        await new Promise((go) => encoder.addEventListener("dequeue", go, { once: true }));
      }
    }
    // The encoder looks ahead: what it holds back comes out behind silence.
    feed(new Int16Array(2 * FRAME + (FRAME - (at % FRAME))));
    await encoder.flush();
    encoder.close();
    if (failure) throw failure;
    flush(true);
    const first = [page([head(preSkip)], 0, 0, 2), page([tags()], 1, 0, 0)];
    progress(100);
    return new Blob([...first, ...pages], { type: "audio/ogg" });
  };

  const wavHead = (samples, rate) => {
    const view = new DataView(new ArrayBuffer(44));
    const put = (at, text) => ascii(text).forEach((code, n) => view.setUint8(at + n, code));
    put(0, "RIFF");
    view.setUint32(4, 36 + samples * 2, true);
    put(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, 1, true);
    view.setUint32(24, rate, true);
    view.setUint32(28, rate * 2, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    put(36, "data");
    view.setUint32(40, samples * 2, true);
    return view.buffer;
  };

  // Blobs of blobs: the browser may keep what was added on its disk.
  const wav = async (blocks, samples, rate, progress = () => {}) => {
    let whole = new Blob([wavHead(samples, rate)]);
    let some = [];
    let at = 0;
    for await (const block of blocks) {
      some.push(block);
      at += block.length;
      if (some.length < 60) continue;
      whole = new Blob([whole, ...some]);
      some = [];
      progress(Math.min(99, Math.floor((at / samples) * 100)));
    }
    progress(100);
    return new Blob([whole, ...some], { type: "audio/wav" });
  };

  window.loaxa.encoding = { canEncode, ogg, wav };
})();
