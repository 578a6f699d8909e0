// Resumable: sends a file in pieces by tus; a lost connection, a restarted server or a reloaded page only delays it.
"use strict";

window.loaxa = window.loaxa || {};

(() => {
  const PIECE = 512 * 1024;
  // Short waits first; then every 15 s for half a day, since nobody should have to press a button when the network is back.
  const WAITS = [0, 500, 1000, 2000, 4000, 8000, ...Array(2880).fill(15000)];

  // A piece with its SHA-256, where the browser can count it (only over HTTPS); the server keeps it whole or not at all.
  class CheckedStack {
    constructor() {
      this.plain = new tus.DefaultHttpStack({});
    }

    createRequest(method, url) {
      const request = this.plain.createRequest(method, url);
      if (method !== "PATCH" || !globalThis.crypto?.subtle) return request;
      const send = request.send.bind(request);
      request.send = async (body) => {
        if (body) {
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await body.arrayBuffer()));
          request.setHeader("Upload-Checksum", `sha256 ${btoa(String.fromCharCode(...digest))}`);
        }
        return send(body);
      };
      return request;
    }

    getName() {
      return "CheckedStack";
    }
  }

  const detailOf = (error) => {
    try {
      return JSON.parse(error.originalResponse.getBody()).detail || "";
    } catch {
      return "";
    }
  };

  const statusOf = (error) => (error.originalResponse ? error.originalResponse.getStatus() : 0);

  // 0: no answer at all. 409: it stands elsewhere, which asking anew tells. 460: the piece came spoilt.
  const comesBack = (status) => status === 0 || status >= 500 ? status !== 507 : [409, 423, 460].includes(status);

  // Sends `blob`. `told`: {progress(percent), lost(), back(), failed(sentence)}. Gives {done: promise of the upload's id,
  // stop()}; `done` never ends when it failed or was stopped.
  const send = (blob, { name, key, csrf, told }) => {
    let lost = false;
    let upload = null;
    const done = new Promise((resolve) => {
      upload = new tus.Upload(blob, {
        endpoint: "/api/v1/uploads",
        chunkSize: PIECE,
        retryDelays: WAITS,
        httpStack: new CheckedStack(),
        headers: { "X-CSRF-Token": csrf },
        metadata: { filename: name },
        fingerprint: () => Promise.resolve(`loaxa ${key}`),
        onShouldRetry: (error) => {
          const again = comesBack(statusOf(error));
          if (again && !lost) told.lost();
          lost = again;
          return again;
        },
        onChunkComplete: (_size, sent, whole) => {
          if (lost) told.back();
          lost = false;
          told.progress(Math.floor((sent / whole) * 100));
        },
        onSuccess: () => resolve(upload.url.split("/").pop()),
        onError: (error) => told.failed(detailOf(error)),
      });
      upload.findPreviousUploads().then((found) => {
        if (found.length) upload.resumeFromPreviousUpload(found[0]);
        upload.start();
      });
    });
    return { done, stop: () => upload.abort() };
  };

  // Forgets where the upload of `key` stands: it is handed in, or given up.
  const forget = (key) => {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("tus::loaxa") && name.startsWith(`tus::loaxa ${key}::`)) localStorage.removeItem(name);
    }
  };

  window.loaxa.resumable = { send, forget, works: () => Boolean(window.tus) && tus.isSupported };
})();
