// Expands the events of NDJSON on stdin with ical.js; one JSON array of [original, start] per line on stdout.
// Each line in: {"ics": "…", "until": "2027-01-01T00:00:00", "most": 40}. Readings are floating.
import { createInterface } from "node:readline";
import ICAL from "../../node_modules/ical.js/dist/ical.js";

function expanded({ ics, until, most }) {
  const calendar = new ICAL.Component(ICAL.parse(ics));
  const masters = calendar.getAllSubcomponents("vevent").filter((each) => !each.hasProperty("recurrence-id"));
  return masters.flatMap((master) => occurrences(new ICAL.Event(master), until, most));
}

function occurrences(event, until, most) {
  const found = [];
  const iterator = event.iterator();
  const changed = Object.keys(event.exceptions).length > 0;
  for (let next = iterator.next(); next && found.length < most; next = iterator.next()) {
    const original = next.toString();
    if (original >= until) break;
    found.push([original, changed ? event.getOccurrenceDetails(next).startDate.toString() : original]);
  }
  return found;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = expanded(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
