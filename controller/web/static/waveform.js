// Waveform: marks what is cut out of a recording, by hand, by keys or by typing; the form below it is what is saved.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const { times } = window.loaxa;
  const byId = (id) => document.getElementById(id);
  const form = byId("cutting");
  const audio = byId("wave-audio");
  const wave = byId("wave");
  const rows = byId("cuts");
  const colour = (name) => getComputedStyle(form).getPropertyValue(name).trim();
  const past = [];
  let length = 0;
  let regions = null;
  let drawn = false;
  let drawing = false;
  let field = null;
  let began = null;
  let joint = null;

  const place = () => audio.currentTime * 1000;
  const inputs = (row) => [...row.querySelectorAll("input")];

  // --- the rows are the truth ----------------------------------------------------------------------------------------

  const rangeOf = (row) => {
    const [from, to] = inputs(row);
    if (!from.value.trim() && !to.value.trim()) return null;
    const start = from.value.trim() ? times.read(from.value) : 0;
    const until = to.value.trim() ? times.read(to.value) : length;
    return start === null || until === null || until <= start || start > length ? null : [start, Math.min(until, length)];
  };

  const ranges = () => [...rows.children].map(rangeOf).filter(Boolean).sort((a, b) => a[0] - b[0]);

  const written = () => [...rows.children].map((row) => inputs(row).map((input) => input.value));

  const remember = () => {
    past.push(written());
    byId("wave-undo").disabled = false;
  };

  const addRow = (from, to) => {
    rows.append(byId("cut-row").content.cloneNode(true));
    const row = rows.lastElementChild;
    const [start, end] = inputs(row);
    start.value = from;
    end.value = to;
    row.querySelector(".actions").hidden = false;
    return row;
  };

  const undo = () => {
    const before = past.pop();
    if (!before) return;
    rows.replaceChildren();
    for (const [from, to] of before) addRow(from, to);
    byId("wave-undo").disabled = !past.length;
    draw();
  };

  const left = () => {
    let at = 0;
    let cut = 0;
    for (const [start, until] of ranges()) {
      cut += Math.max(0, until - Math.max(at, start));
      at = Math.max(at, until);
    }
    return length - cut;
  };

  const draw = () => {
    byId("wave-left").textContent = times.write(left());
    if (!drawn) return;
    drawing = true;
    regions.clearRegions();
    for (const row of rows.children) {
      const range = rangeOf(row);
      if (!range) continue;
      const region = regions.addRegion({ start: range[0] / 1000, end: range[1] / 1000, color: "rgb(179 38 30 / 28%)" });
      region.row = row;
    }
    drawing = false;
  };

  // --- marking -------------------------------------------------------------------------------------------------------

  const cut = (start, until) => {
    if (until - start < 10) return;
    remember();
    for (const row of [...rows.children]) if (inputs(row).every((input) => !input.value.trim())) row.remove();
    const row = addRow(times.write(start), times.write(until));
    [field] = inputs(row);
    draw();
  };

  const markStart = () => {
    began = place();
    byId("wave-said").textContent = `[ ${times.write(began)}`;
  };

  const markEnd = () => {
    const until = place();
    const start = began !== null && began < until ? began : 0;
    began = null;
    byId("wave-said").textContent = "";
    cut(start, until);
  };

  const nudge = (input, step) => {
    const stands = times.read(input.value);
    if (stands === null) return;
    remember();
    input.value = times.write(Math.min(length, Math.max(0, stands + step)));
    draw();
  };

  // --- hearing -------------------------------------------------------------------------------------------------------

  const hearJoint = ([start, until]) => {
    joint = { start: start / 1000, until: until / 1000, end: until / 1000 + 1 };
    audio.currentTime = Math.max(0, joint.start - 1);
    audio.play();
  };

  const follow = () => {
    const at = audio.currentTime;
    byId("wave-place").textContent = times.write(at * 1000);
    wave.setAttribute("aria-valuenow", String(Math.round(at * 1000)));
    wave.setAttribute("aria-valuetext", times.write(at * 1000));
    if (joint && at >= joint.end) {
      joint = null;
      audio.pause();
    }
    if (!audio.paused && (joint || byId("wave-skip").checked)) {
      const over = ranges().find(([start, until]) => at * 1000 >= start && at * 1000 < until - 5);
      if (over) audio.currentTime = over[1] / 1000;
    }
    if (!audio.paused) requestAnimationFrame(follow);
  };

  const playOrPause = () => {
    joint = null;
    if (audio.paused) audio.play();
    else audio.pause();
  };

  const move = (step) => {
    audio.currentTime = Math.min(length / 1000, Math.max(0, audio.currentTime + step / 1000));
  };

  // --- what people press ---------------------------------------------------------------------------------------------

  const STEP = { ArrowLeft: -100, ArrowRight: 100, PageDown: -5000, PageUp: 5000 };

  wave.addEventListener("keydown", (event) => {
    const acts = { "[": markStart, "]": markEnd, " ": playOrPause };
    if (event.key in STEP) move(event.shiftKey ? STEP[event.key] / 10 : STEP[event.key]);
    else if (event.key === "Home") audio.currentTime = 0;
    else if (event.key === "End") audio.currentTime = length / 1000;
    else if (acts[event.key]) acts[event.key]();
    else return;
    event.preventDefault();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && past.length) {
      event.preventDefault();
      undo();
    }
    const step = { ArrowUp: 10, ArrowDown: -10 }[event.key];
    if (!step || event.target.closest("#cuts") === null || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    nudge(event.target, event.shiftKey ? step * 10 : step);
  });
  rows.addEventListener("focusin", (event) => {
    if (event.target.tagName === "INPUT") field = event.target;
  });
  rows.addEventListener("input", draw);
  rows.addEventListener("click", (event) => {
    const act = event.target.closest("button")?.dataset.act;
    const row = event.target.closest("li");
    if (act === "joint" && rangeOf(row)) hearJoint(rangeOf(row));
    if (act !== "drop") return;
    remember();
    row.remove();
    draw();
  });
  const at = (id, act) => byId(id).addEventListener("click", act);
  at("wave-play", playOrPause);
  at("wave-start", markStart);
  at("wave-end", markEnd);
  at("wave-undo", undo);
  at("cut-add", () => inputs(addRow("", ""))[0].focus());
  for (const button of document.querySelectorAll("[data-nudge]")) {
    button.addEventListener("click", () => field?.isConnected && nudge(field, Number(button.dataset.nudge)));
  }
  for (const name of ["play", "seeked", "timeupdate"]) audio.addEventListener(name, follow);

  // --- the picture ---------------------------------------------------------------------------------------------------

  const picture = (told) => {
    if (!window.WaveSurfer) return;
    regions = WaveSurfer.Regions.create();
    const surfer = WaveSurfer.create({
      container: wave,
      media: audio,
      height: 128,
      peaks: [told.peaks.map((peak) => peak / 100)],
      duration: told.length_ms / 1000,
      waveColor: colour("--accent"),
      progressColor: colour("--accent-deep"),
      cursorColor: colour("--ink"),
      cursorWidth: 2,
      normalize: true,
      cspNonce: form.dataset.nonce,
      plugins: [regions],
    });
    // Before, a range has no place to stand.
    surfer.on("ready", () => {
      drawn = true;
      draw();
    });
    surfer.on("error", (error) => (byId("wave-said").textContent = String(error.message || error)));
    regions.enableDragSelection({ color: "rgb(179 38 30 / 28%)" });
    regions.on("region-created", (region) => {
      if (drawing) return;
      const [start, until] = [region.start * 1000, region.end * 1000];
      region.remove();
      cut(start, until);
    });
    regions.on("region-updated", (region) => {
      if (drawing || !region.row) return;
      remember();
      const [from, to] = inputs(region.row);
      from.value = times.write(region.start * 1000);
      to.value = times.write(region.end * 1000);
      byId("wave-left").textContent = times.write(left());
    });
  };

  const begin = async () => {
    for (;;) {
      const told = await (await fetch(form.dataset.waveform)).json();
      if (told.state !== "working") return told;
      await new Promise((go) => setTimeout(go, 1000));
    }
  };

  begin().then((told) => {
    byId("wave-said").textContent = told.failed || "";
    if (told.state !== "ready") return;
    length = told.length_ms;
    if (!audio.hasAttribute("src")) audio.src = audio.dataset.src;
    byId("wave-desk").hidden = false;
    byId("cut-add-line").hidden = false;
    wave.setAttribute("aria-valuemax", String(length));
    for (const row of [...rows.children]) {
      if (inputs(row).every((input) => !input.value)) row.remove();
      else row.querySelector(".actions").hidden = false;
    }
    picture(told);
    draw();
    follow();
  });
});
