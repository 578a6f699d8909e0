// Keep: what must survive a crash of the tab, in the browser's own database: files on their way, and recordings.
"use strict";

window.loaxa = window.loaxa || {};

(() => {
  const STORES = { files: "key", sessions: "id", chunks: ["session", "take", "n"] };
  let opened = null;

  const open = () =>
    (opened ??= new Promise((done, failed) => {
      const asked = indexedDB.open("loaxa", 1);
      asked.onupgradeneeded = () => {
        for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath });
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    }));

  // Ends when the database has it on disk, or fails with what the browser says (QuotaExceededError: no room).
  const change = async (store, act) => {
    const database = await open();
    return new Promise((done, failed) => {
      const transaction = database.transaction(store, "readwrite", { durability: "strict" });
      act(transaction.objectStore(store));
      transaction.oncomplete = () => done();
      transaction.onabort = transaction.onerror = () => failed(transaction.error || new Error("aborted"));
    });
  };

  const ask = async (store, act) => {
    const database = await open();
    return new Promise((done, failed) => {
      const asked = act(database.transaction(store).objectStore(store));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  };

  window.loaxa.keep = {
    put: (store, value) => change(store, (into) => into.put(value)),
    remove: (store, key) => change(store, (from) => from.delete(key)),
    get: (store, key) => ask(store, (from) => from.get(key)),
    all: (store) => ask(store, (from) => from.getAll()),
    removeChunks: (session) =>
      change("chunks", (from) => from.delete(IDBKeyRange.bound([session], [session, Infinity, Infinity]))),
  };
})();
