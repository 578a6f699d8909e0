"""The demonstration that stays up: `make demo`. Everything lies in one folder and is found again next time."""

import shutil
import time
from pathlib import Path

from deploy.demo.agents import change
from deploy.demo.interruption import Stopped, end_if_asked, ended_by_signals
from deploy.demo.once import say
from deploy.demo.processes import ProgramFailed, Programs
from deploy.demo.recordings import refresh
from deploy.demo.report import write_whole
from deploy.demo.sound import missing_card
from deploy.demo.station import USERNAME, Station

PREFERRED_PORT = 8080
WATCH_SECONDS = 2.0


def up(folder: Path, sound: bool) -> int:
    """Put the station up and stay until Ctrl-C; return the exit status."""
    try:
        with ended_by_signals(), Programs() as programs:
            station = Station(folder, programs, say, PREFERRED_PORT)
            _put_up(station, sound)
            _watch(station)
    except Stopped:
        say("stopped; the station is found again by the next `make demo`")
        return 0
    except (ProgramFailed, TimeoutError, OSError) as failure:
        say(f"demo: {failure}")
    return 1


def _put_up(station: Station, sound: bool) -> None:
    complete = station.folder / "complete"
    first_password = station.folder / "one-time-password"
    fresh = not complete.exists()
    if fresh:
        shutil.rmtree(station.folder, ignore_errors=True)
    station.start_controller()
    if fresh:
        station.seed()
        write_whole(first_password, station.one_time_password() + "\n")
        write_whole(complete, "")
    else:
        station.reuse_agents()
    silent = missing_card() if sound else ""
    change(station.agents[0].config, sink="card" if sound and not silent else "wav")
    station.start_agents()
    _tell(station, first_password.read_text().strip(), fresh)
    if words := sound_words(sound, silent, station.agents[0].name):
        say(words)


def sound_words(sound: bool, silent: str, speaker: str) -> str:
    """What to say about SOUND=1; `silent`: why nothing can be heard here."""
    if silent:
        return f"SOUND=1: {silent}; all nine speakers are recorded instead: open the page above to hear them"
    return f"SOUND=1: {speaker} is heard on this machine" if sound else ""


def _tell(station: Station, password: str, fresh: bool) -> None:
    page = refresh(station.folder, station.agents)
    note = "" if fresh else "  (if you have not changed it yet; `make clean` begins anew)"
    print(f"\nLoaXã is up:        {station.address}")
    print(f"user:               {USERNAME}")
    print(f"one-time password:  {password}{note}")
    print(f"what each put out:  {page.as_uri()}")
    print(f"everything else:    {station.folder}\n\nCtrl-C ends it.", flush=True)


def _watch(station: Station) -> None:
    """Keep the page of recordings true; end when the controller does."""
    while True:
        end_if_asked()
        time.sleep(WATCH_SECONDS)
        refresh(station.folder, station.agents)
        for program in station.programs:
            if not program.running():
                raise ProgramFailed(f"{program.name} ended by itself; its last words:\n{program.last_words()}")
