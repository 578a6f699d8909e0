// The grid of hours beside the list: dragging asks, and then orders the same as the form of the schedule's page.
"use strict";

(() => {
  const TONES = { 1: "#b3261e", 2: "#8a5200", 3: "#0a6a5b" };
  const LEAST_MS = 30 * 60 * 1000;

  // The grid reads times without a zone as they stand: they are the place's own, whatever the browser's zone is.
  const wall = (iso) => iso.slice(0, 19);
  // A minute of sound would be a line too thin to be read or caught.
  const drawnEnd = (item) => {
    const least = new Date(Date.parse(`${wall(item.start)}Z`) + LEAST_MS).toISOString().slice(0, 19);
    return wall(item.end) > least ? wall(item.end) : least;
  };
  const two = (number) => String(number).padStart(2, "0");
  const spell = (at) =>
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

  const occasion = (item) => `${item.schedule} ${item.original}`;

  const told = (at, language) =>
    at.toLocaleString(language, { weekday: "long", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const load = async (grid) => {
    const answer = await fetch(grid.dataset.feed, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const programme = await answer.json();
    // What is played again goes with the first playing: that one must still be to come, and be known here.
    const firsts = new Map(programme.items.filter((item) => item.movable).map((item) => [occasion(item), wall(item.start)]));
    const standing = programme.items.map((item) => ({
      id: `${item.id}`,
      start: wall(item.start),
      end: drawnEnd(item),
      title: item.title,
      backgroundColor: item.phase === "cancelled" ? "#68716d" : TONES[item.priority],
      startEditable: "editable" in grid.dataset && item.phase === "coming" && firsts.has(occasion(item)),
      classNames: item.planned ? [] : ["is-foreseen"],
      extendedProps: { ...item, first: firsts.get(occasion(item)), page: `/lich/${item.schedule}` },
    }));
    const waiting = programme.waiting.map((item, number) => ({
      id: `${item.change}-${number}`,
      start: wall(item.start),
      end: drawnEnd(item),
      title: `${grid.dataset.waiting}: ${item.title}`,
      backgroundColor: "#fff",
      textColor: "#18211f",
      startEditable: false,
      classNames: ["is-waiting"],
      extendedProps: { page: `/duyet/${item.change}` },
    }));
    return [...standing, ...waiting];
  };

  // The form in the dialog is sent where the form of the occurrence's own page is: it says what changes, then saves.
  const ask = (grid, info) => {
    const dialog = document.getElementById("move");
    const form = document.getElementById("move-form");
    const preview = document.getElementById("understood");
    const item = info.event.extendedProps;
    const how = document.getElementById("move-how");
    const language = grid.dataset.language;
    // The form says when the first playing is to be; each that is played again keeps its distance to it.
    const to = spell(new Date(Date.parse(item.first) + (info.event.start - info.oldEvent.start)));
    document.getElementById("move-what").textContent = info.event.title;
    how.textContent = how.dataset.text
      .replace("{from}", told(info.oldEvent.start, language))
      .replace("{to}", told(info.event.start, language));
    document.getElementById("move-error").replaceChildren();
    preview.replaceChildren();
    form.reset();
    form.elements.day.value = to.slice(0, 10);
    form.elements.at.value = to.slice(11);
    const url = `/lich/${encodeURIComponent(item.schedule)}/luot/${encodeURIComponent(item.original)}`;
    for (const part of [form, preview]) {
      part.setAttribute("hx-post", url);
      window.htmx.process(part);
    }
    dialog.addEventListener("close", () => info.revert(), { once: true });
    dialog.showModal();
    window.htmx.trigger(preview, "look");
  };

  const prepare = (dialog) => {
    document.getElementById("move-no").addEventListener("click", () => dialog.close());
    // Saved: the same week again, as it stands now.
    dialog.addEventListener("htmx:beforeOnLoad", (event) => {
      if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
      event.preventDefault();
      window.location.reload();
    });
    // A refusal is told inside the dialog; the page behind it cannot be reached while it asks.
    dialog.addEventListener("htmx:beforeSwap", (event) => {
      if (event.detail.xhr.status >= 400) event.detail.target = document.getElementById("move-error");
    });
  };

  document.addEventListener("DOMContentLoaded", async () => {
    const grid = document.getElementById("grid");
    if (!grid || !window.EventCalendar) return;
    const dialog = document.getElementById("move");
    if (dialog) prepare(dialog);
    const narrow = window.matchMedia("(width < 48rem)").matches;
    const days = Number(grid.dataset.days);
    let events = [];
    try {
      events = await load(grid);
    } catch {
      document.getElementById("stale").hidden = false;
    }
    const hours = events.map((event) => Number(event.start.slice(11, 13)));
    window.EventCalendar.create(grid, {
      view: days === 1 || narrow ? "timeGridDay" : "timeGridWeek",
      date: grid.dataset.first,
      events,
      locale: grid.dataset.language,
      firstDay: 1,
      allDaySlot: false,
      headerToolbar: narrow && days > 1 ? { start: "title", center: "", end: "prev,next" } : { start: "", center: "", end: "" },
      slotDuration: "00:30:00",
      snapDuration: "00:05:00",
      slotMinTime: `${two(Math.min(4, ...hours))}:00:00`,
      slotMaxTime: `${two(Math.max(22, ...hours.map((hour) => hour + 1)))}:00:00`,
      slotHeight: 24,
      displayEventEnd: false,
      eventDurationEditable: false,
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      buttonText: (text) => ({ ...text, prev: "‹", next: "›" }),
      eventClick: (info) => window.location.assign(info.event.extendedProps.page),
      // The list below is the same for whoever does not see or has no pointer: the grid stays out of their way.
      eventDidMount: (info) => {
        info.el.removeAttribute("role");
        info.el.tabIndex = -1;
        info.el.title = `${info.timeText} ${info.event.title}`;
      },
      eventDrop: (info) => ask(grid, info),
    });
    for (const button of grid.querySelectorAll("button")) button.tabIndex = -1;
    grid.dataset.ready = "";
  });
})();
