// The grid of hours beside the list: dragging asks, and then orders the same as the form of the schedule's page.
"use strict";

(() => {
  const TONES = { 1: "#b3261e", 2: "#8a5200", 3: "#0a6a5b" };

  // The grid reads times without a zone as they stand: they are the place's own, whatever the browser's zone is.
  const wall = (iso) => iso.slice(0, 19);
  const two = (number) => String(number).padStart(2, "0");
  const spell = (at) =>
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

  const told = (at, language) =>
    at.toLocaleString(language, { weekday: "long", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const load = async (grid) => {
    const answer = await fetch(grid.dataset.feed, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const programme = await answer.json();
    return programme.items.map((item) => ({
      id: `${item.id}`,
      start: wall(item.start),
      end: wall(item.end),
      title: item.title,
      backgroundColor: item.phase === "cancelled" ? "#68716d" : TONES[item.priority],
      editable: "editable" in grid.dataset && item.movable,
      classNames: item.planned ? [] : ["is-foreseen"],
      extendedProps: item,
    }));
  };

  const order = async (grid, item, scope, to) => {
    const path = `/api/v1/schedules/${encodeURIComponent(item.schedule)}/occurrences/${encodeURIComponent(item.original)}`;
    return fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": grid.dataset.csrf },
      body: JSON.stringify({ scope, action: "move", start: to }),
    });
  };

  const ask = (grid, info) => {
    const dialog = document.getElementById("move");
    const item = info.event.extendedProps;
    const how = document.getElementById("move-how");
    const error = document.getElementById("move-error");
    const language = grid.dataset.language;
    error.hidden = true;
    document.getElementById("move-what").textContent = info.event.title;
    how.textContent = how.dataset.text
      .replace("{from}", told(info.oldEvent.start, language))
      .replace("{to}", told(info.event.start, language));
    dialog.querySelector("[value=this]").checked = true;
    const form = dialog.querySelector("form");
    const decide = async (event) => {
      if (event.submitter?.value !== "move") return;
      event.preventDefault();
      const button = document.getElementById("move-yes");
      button.disabled = true;
      try {
        const scope = new FormData(form).get("scope");
        const answer = await order(grid, item, scope, spell(info.event.start));
        if (answer.ok) {
          window.location.reload();
          return;
        }
        const problem = await answer.json();
        error.textContent = problem.detail;
        error.hidden = false;
      } catch {
        document.getElementById("stale").hidden = false;
      } finally {
        button.disabled = false;
      }
    };
    form.addEventListener("submit", decide);
    dialog.addEventListener(
      "close",
      () => {
        form.removeEventListener("submit", decide);
        info.revert();
      },
      { once: true },
    );
    dialog.showModal();
  };

  document.addEventListener("DOMContentLoaded", async () => {
    const grid = document.getElementById("grid");
    if (!grid || !window.EventCalendar) return;
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
      slotHeight: 22,
      eventDurationEditable: false,
      eventTimeFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      buttonText: (text) => ({ ...text, prev: "‹", next: "›" }),
      eventClick: (info) => window.location.assign(`/lich/${info.event.extendedProps.schedule}`),
      // The list below is the same for whoever does not see or has no pointer: the grid stays out of their way.
      eventDidMount: (info) => {
        info.el.removeAttribute("role");
        info.el.tabIndex = -1;
      },
      eventDrop: (info) => ask(grid, info),
    });
    for (const button of grid.querySelectorAll("button")) button.tabIndex = -1;
    grid.dataset.ready = "";
  });
})();
