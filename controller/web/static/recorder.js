// Recorder: record, pause, listen, record a part again, send; nothing is lost when the tab dies or the network goes.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const { Meter, Tape, encoding, keep, resumable, times } = window.loaxa;
  const byId = (id) => document.getElementById(id);
  const form = byId("recorder");
  const { person, tap } = form.dataset;
  const most = Number(form.dataset.maxSeconds);
  const word = (name) => byId("words").content.querySelector(`[data-word="${name}"]`).textContent;
  const from = byId("rec-from");
  const to = byId("rec-to");
  const audio = byId("rec-audio");
  const meter = new Meter(byId("rec-meter"), (name) => {
    byId("rec-level").textContent = word(`level-${name}`);
    byId("rec-level").dataset.level = name;
  });
  let tape = null;
  let microphone = null;
  let writing = Promise.resolve();
  let second = [];
  let state = "idle";

  const say = (sentence) => (byId("rec-said").textContent = sentence);
  const warn = (sentence) => {
    byId("rec-trouble").textContent = sentence;
    byId("rec-trouble-card").hidden = !sentence;
  };

  const show = (name) => {
    state = name;
    form.dataset.state = name;
    const has = Boolean(tape && tape.samples);
    const show = { "rec-start": !has && name === "idle", "rec-pause": name === "recording" };
    show["rec-more"] = has && name === "idle";
    show["rec-listen"] = show["rec-more"];
    show["rec-live"] = name === "recording";
    show["rec-send-card"] = has && name !== "recording";
    for (const [id, visible] of Object.entries(show)) byId(id).hidden = !visible;
    byId("rec-undo").disabled = !tape?.canUndo;
    for (const id of ["rec-send", "rec-discard", "rec-more"]) byId(id).disabled = name === "sending";
    clock(tape ? tape.seconds : 0);
  };

  const clock = (seconds) => {
    byId("rec-time").textContent = times.write(seconds * 1000).replace(/,\d\d$/, "");
  };

  // --- the microphone ------------------------------------------------------------------------------------------------

  const REFUSED = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", NotReadableError: "taken" };
  const asked = { audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false } };

  const listenTo = async () => {
    const stream = await navigator.mediaDevices.getUserMedia(asked);
    let context = new AudioContext({ sampleRate: 48000 });
    let source = null;
    try {
      source = context.createMediaStreamSource(stream);
    } catch {
      // Some browsers join only what has one rate: then it is the microphone's own.
      await context.close();
      context = new AudioContext();
      source = context.createMediaStreamSource(stream);
    }
    await context.audioWorklet.addModule(tap);
    const node = new AudioWorkletNode(context, "tap", { numberOfOutputs: 1, outputChannelCount: [1] });
    source.connect(node).connect(context.destination);
    await context.resume();
    stream.getAudioTracks()[0].addEventListener("ended", () => state === "recording" && pause(word("unplugged")));
    return { stream, context, node };
  };

  const letGo = async () => {
    const held = microphone;
    microphone = null;
    if (!held) return;
    held.node.port.onmessage = null;
    for (const track of held.stream.getTracks()) track.stop();
    await held.context.close();
  };

  // --- recording -----------------------------------------------------------------------------------------------------

  const flush = () => {
    if (!second.length) return;
    const pcm = new Int16Array(second.reduce((sum, block) => sum + block.length, 0));
    let at = 0;
    for (const block of second) {
      pcm.set(block, at);
      at += block.length;
    }
    second = [];
    writing = writing.then(() => tape.add(pcm)).catch((error) => {
      if (state === "recording") pause(word(error?.name === "QuotaExceededError" ? "full" : "unkept"));
    });
  };

  const heard = ({ pcm, peak, rms }) => {
    meter.add(peak, rms);
    second.push(pcm);
    if (second.length === 10) flush();
    const seconds = tape.seconds + (second.length % 10) / 10;
    clock(seconds);
    if (seconds >= most) pause(word("longest"));
  };

  // In the place of the samples from `start` to `end`.
  const record = async (start, end) => {
    warn("");
    audio.pause();
    try {
      microphone = await listenTo();
    } catch (error) {
      await letGo();
      warn(word(REFUSED[error.name] || "unable"));
      return;
    }
    const rate = microphone.context.sampleRate;
    if (tape && tape.samples && rate !== tape.rate) {
      await letGo();
      warn(word("other-rate"));
      return;
    }
    tape ??= await Tape.begin(person, rate);
    await tape.newTake(start, end);
    meter.clear();
    second = [];
    microphone.node.port.onmessage = (event) => heard(event.data);
    show("recording");
    say(word("recording"));
    byId("rec-pause").focus();
  };

  const pause = async (why = "") => {
    if (state !== "recording") return;
    state = "stopping";
    await letGo();
    flush();
    await writing;
    tape.endTake();
    warn(why);
    say(word("paused"));
    await refresh();
    byId("rec-more").focus();
  };

  // What is heard has changed: the player gets it anew.
  const refresh = async () => {
    show("idle");
    if (audio.src) URL.revokeObjectURL(audio.src);
    audio.removeAttribute("src");
    if (!tape || !tape.samples) return;
    audio.src = URL.createObjectURL(await encoding.wav(tape.blocks(), tape.samples, tape.rate));
    byId("rec-note").textContent = "";
  };

  const sampleOf = (field) => {
    const milliseconds = times.read(field.value);
    if (milliseconds === null || milliseconds / 1000 > tape.seconds) {
      field.setCustomValidity(word("bad-time"));
      field.reportValidity();
      return null;
    }
    return Math.round((milliseconds * tape.rate) / 1000);
  };

  const again = (wholeRest) => {
    const start = sampleOf(from);
    const end = wholeRest ? tape.samples : sampleOf(to);
    if (start === null || end === null) return;
    if (end <= start && !wholeRest) {
      to.setCustomValidity(word("bad-order"));
      to.reportValidity();
      return;
    }
    record(start, end);
  };

  // --- sending -------------------------------------------------------------------------------------------------------

  const progress = (percent) => {
    byId("rec-progress").hidden = false;
    byId("rec-bar").value = percent;
    byId("rec-percent").textContent = `${percent} %`;
  };

  // The file is kept, so that the same bytes go on after a reload.
  const encoded = async () => {
    const key = `tape ${tape.session.id}`;
    const kept = await keep.get("files", key);
    if (kept && tape.session.sending) return kept;
    say(word("encoding"));
    const opus = await encoding.canEncode(tape.rate);
    const blob = opus
      ? await encoding.ogg(tape.blocks(), tape.samples, progress)
      : await encoding.wav(tape.blocks(), tape.samples, tape.rate, progress);
    const name = `${word("file-name")} ${new Date(tape.session.made).toLocaleString("sv").replace(/:/g, ".")}`;
    const file = { key, blob, name: `${name}.${opus ? "ogg" : "wav"}`, stamp: Date.now() };
    await keep.put("files", file);
    return file;
  };

  const send = async () => {
    if (!form.reportValidity()) return;
    warn("");
    show("sending");
    try {
      const file = await encoded();
      await tape.save({ sending: true, title: form.elements.title.value });
      say(word("sending"));
      const key = `${file.key} ${file.stamp}`;
      const told = {
        progress,
        lost: () => warn(word("lost")),
        back: () => warn(""),
        failed: (sentence) => {
          warn(sentence || word("failed"));
          show("idle");
        },
      };
      const upload = resumable.send(file.blob, { name: file.name, key, csrf: form.elements.csrf_token.value, told });
      form.elements.upload.value = await upload.done;
      await handIn(key);
    } catch (error) {
      warn(word(error?.name === "QuotaExceededError" ? "full" : "failed"));
      show("idle");
    }
  };

  const handIn = async (key) => {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    const next = answer.headers.get("HX-Redirect");
    if (!next) {
      byId("notices").innerHTML = await answer.text();
      byId("notices").scrollIntoView({ block: "center" });
      show("idle");
      return;
    }
    if (answer.ok) {
      resumable.forget(key);
      await tape.forget();
    }
    location.assign(next);
  };

  // --- what people press ---------------------------------------------------------------------------------------------

  const at = (id, act) => byId(id).addEventListener("click", act);
  at("rec-start", () => record(0, 0));
  at("rec-more", () => record(tape.samples, tape.samples));
  at("rec-pause", () => pause());
  at("rec-here-from", () => (from.value = times.write(audio.currentTime * 1000)));
  at("rec-here-to", () => (to.value = times.write(audio.currentTime * 1000)));
  at("rec-again-rest", () => again(true));
  at("rec-again-part", () => again(false));
  at("rec-undo", async () => {
    await tape.undo();
    say(word("undone"));
    await refresh();
  });
  at("rec-discard", () => byId("rec-sure").showModal());
  at("rec-keep", () => byId("rec-sure").close());
  at("rec-throw", async () => {
    byId("rec-sure").close();
    await tape.forget();
    tape = null;
    warn("");
    say(word("discarded"));
    await refresh();
    byId("rec-start").focus();
  });
  for (const field of [from, to]) field.addEventListener("input", () => field.setCustomValidity(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (state === "idle" && tape?.samples) send();
  });
  addEventListener("beforeunload", (event) => state === "recording" && event.preventDefault());

  const begin = async () => {
    if (!isSecureContext) {
      byId("rec-insecure").hidden = false;
      return;
    }
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode || !window.indexedDB || !resumable.works()) {
      warn(word("old-browser"));
      return;
    }
    navigator.storage?.persist?.().catch(() => {});
    tape = await Tape.of(person);
    byId("rec-desk").hidden = false;
    await refresh();
    if (!tape?.samples) return;
    byId("rec-note").textContent = word("found").replace("{when}", new Date(tape.session.made).toLocaleString());
    if (!tape.session.sending) return;
    form.elements.title.value ||= tape.session.title || "";
    if (form.elements.title.value) send();
  };
  begin().catch(() => warn(word("unkept")));
});
