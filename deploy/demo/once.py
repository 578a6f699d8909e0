"""One bulletin to nine speakers, a few seconds from now, with proof: `make demo-once`."""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploy.demo.api import Api, ApiProblem
from deploy.demo.interruption import Stopped, end_if_asked, ended_by_signals
from deploy.demo.processes import ProgramFailed, Programs, wait_until
from deploy.demo.report import Row, all_played, awaited, document, rows_of, table, write_json
from deploy.demo.source import BadInput, Source
from deploy.demo.station import Station
from deploy.demo.units import UNITS

PLAYED, NOT_ALL_PLAYED, BAD_INPUT = 0, 1, 2
LEAD_SECONDS = 8
BYTES_PER_SECOND = 150_000
"""What nine speakers on a busy small machine surely fetch side by side, each."""
ONLINE_SECONDS = 60.0
PREPARE_SECONDS = 900.0


@dataclass(slots=True)
class Outcome:
    """What is known so far; the report is written from it whatever happens."""

    rows: tuple[Row, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)


def say(words: str) -> None:
    """Tell the progress; when nobody listens any more the work goes on."""
    with suppress(OSError):
        print(words, file=sys.stderr, flush=True)


def once(source: Source, report: Path | None, data: Path | None) -> int:
    """Run the whole demonstration; return its exit status. The table goes to stdout, progress to stderr."""
    outcome = Outcome()
    status, error = NOT_ALL_PLAYED, ""
    try:
        with ended_by_signals():
            source.check()
            with _folder(data) as folder, Programs() as programs:
                _broadcast(Station(folder, programs, say), source, outcome)
        if all_played(outcome.rows, len(UNITS)):
            status = PLAYED
    except BadInput as bad:
        status, error = BAD_INPUT, str(bad)
    except Stopped:
        error = "stopped before the end"
    except (ProgramFailed, TimeoutError, ApiProblem, OSError) as failure:
        error = str(failure)
    if report is not None:
        write_json(report, document(outcome.rows, status, error, outcome.about))
    if outcome.rows:
        print(table(outcome.rows), flush=True)
    if error:
        say(f"demo-once: {error}")
    return status


def _broadcast(station: Station, source: Source, outcome: Outcome) -> None:
    outcome.about |= {"http_port": station.port, "broker_port": station.broker_port}
    station.start_controller()
    station.seed()
    station.start_agents()
    api = station.sign_in()
    bulletin = _prepare(api, source)
    outcome.about |= {"title": bulletin["title"], "duration_ms": bulletin["duration_ms"]}
    _wait_online(api)
    broadcast = _schedule(api, bulletin)
    try:
        _watch(api, broadcast, outcome)
    finally:
        say("stopping everything")


def _prepare(api: Api, source: Source) -> Mapping[str, Any]:
    """Hand the text or the recording in and wait until its sound is ready."""
    try:
        created = source.hand_in(api)
    except ApiProblem as problem:
        raise BadInput(problem.detail) from problem
    limit = time.monotonic() + PREPARE_SECONDS
    shown = ""
    while time.monotonic() < limit:
        end_if_asked()
        bulletin = dict(api.get(f"bulletins/{created['id']}"))
        preparation = bulletin["preparation"]
        if preparation["state"] == "failed":
            raise BadInput(preparation["error"])
        if preparation["state"] == "done":
            say(f"sound ready: {bulletin['duration_ms'] / 1000:.1f} s")
            return bulletin
        now = f"preparing the sound: {preparation['step']} {preparation['percent']} %"
        if now != shown:
            say(now)
        shown = now
        time.sleep(0.3)
    raise TimeoutError("the sound was not ready in time")


def _wait_online(api: Api) -> None:
    """Wait for all speakers; one that does not come is no error here but shows in the result."""

    def online() -> int:
        return sum(1 for speaker in api.get("speakers") if speaker["online"])

    try:
        wait_until(lambda: online() == len(UNITS), ONLINE_SECONDS, "all speakers online", every=0.3)
    except TimeoutError:
        say("not all speakers came online; going on")
    say(f"{online()} of {len(UNITS)} speakers online")


def _schedule(api: Api, bulletin: Mapping[str, Any]) -> str:
    """Schedule it to the whole district, far enough ahead for the sound to arrive, and return the broadcast."""
    order = {"bulletin": bulletin["id"], "areas": [api.get("areas")[0]["id"]], "rule": "from_start", "volume": 80}
    zone = ZoneInfo(api.post("schedules/preview", {**order, "when": {"kind": "now"}})["time_zone"])
    size = sum(clip["size_bytes"] for clip in bulletin["clips"])
    lead = timedelta(seconds=LEAD_SECONDS + size // BYTES_PER_SECOND)
    start = datetime.now(zone).replace(microsecond=0) + lead
    when = {"kind": "once", "day": start.date().isoformat(), "at": start.time().isoformat()}
    answer = api.post("schedules", {**order, "when": when})
    if not answer["broadcasts"]:
        raise ProgramFailed(f"the controller did not plan it but says: {answer['state']}")
    say(f"scheduled for {start.isoformat()}")
    return str(answer["broadcasts"][0])


def _watch(api: Api, broadcast: str, outcome: Outcome) -> None:
    """Show who is how far until every speaker has said its last word, or should have."""
    shown = ""
    while True:
        end_if_asked()
        view = api.get(f"broadcasts/{broadcast}")
        outcome.rows = rows_of(view)
        outcome.about |= {"broadcast": broadcast, "planned_start_ms": view["start_ms"], "volume": view["volume"]}
        if (now := _progress(view)) != shown:
            say(now)
        shown = now
        now_ms = time.time() * 1000
        if not any(awaited(row, view, now_ms) for row in outcome.rows):
            return
        time.sleep(0.4)


def _progress(view: Mapping[str, Any]) -> str:
    counts: dict[str, int] = {}
    for playback in view["playbacks"]:
        counts[playback["state"]] = counts.get(playback["state"], 0) + 1
    words = ", ".join(f"{count} {state}" for state, count in counts.items())
    to_go = view["start_ms"] / 1000 - time.time()
    return f"{words}; starts in {to_go:.0f} s" if to_go > 0 else words


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The folder of this run: `data`, which is kept, or a temporary one."""
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        if any(data.iterdir()):
            raise BadInput(f"{data} is not empty: the demonstration begins from nothing")
        yield data.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="loaxa-demo-", ignore_cleanup_errors=True) as temporary:
        yield Path(temporary)
