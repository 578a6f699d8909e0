"""Under a service manager: told when it is up, alive and stopping; alone on its data; silent in good order."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge_agent.supervisor import Supervisor, notifier
from schedules.states import PlaybackState, Reason
from tests.rig.box import Box
from tests.rig.clips import chimed
from tests.rig.manager import Manager
from tests.rig.recording import samples_of
from tests.rig.site import Site, now_ms, order_of, wait_until

CHIME_MS = 4_000
"""The chime of the test's clip is over by then."""

_F_SETSIG = 10
"""fcntl(2), not in Python's module."""


@pytest.fixture
def manager() -> Iterator[Manager]:
    manager = Manager()
    yield manager
    manager.close()


def test_only_threads_that_all_go_on_feed_the_watchdog(manager: Manager) -> None:
    turns = [0, 0]
    moving = [True, True]

    def take(which: int) -> int:
        turns[which] += moving[which]
        return turns[which]

    notify = notifier(manager.env(0.08), os.getpid())
    supervisor = Supervisor(notify, (lambda: take(0), lambda: take(1)), lambda: "all\nwell")
    supervisor.start()
    wait_until(lambda: manager.fields.count("WATCHDOG=1") > 3, 10, "signs of life")
    assert manager.fields[:2] == ["READY=1", "STATUS=all well"]
    moving[1] = False
    wait_until(lambda: manager.silent_for("WATCHDOG=1") > 0.5, 10, "no sign of life when one of two is stuck")
    moving[1] = True
    wait_until(lambda: manager.silent_for("WATCHDOG=1") < 0.4, 10, "signs of life again")
    supervisor.stop()
    wait_until(lambda: "STOPPING=1" in manager.fields, 10, "the goodbye")
    assert sum(field.startswith("STATUS=") for field in manager.fields) == 1  # told when it changes only


def test_the_watchdog_of_another_process_and_no_manager_at_all() -> None:
    assert notifier({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, 77).watchdog_s == 0
    assert notifier({"NOTIFY_SOCKET": "/n", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "77"}, 77).watchdog_s == 5
    nobody = notifier({}, 77)
    assert not nobody.heard
    nobody.send("READY=1")
    supervisor = Supervisor(nobody, (), lambda: "")
    supervisor.start()
    supervisor.stop()
    notifier({"NOTIFY_SOCKET": "@nobody-listens-here"}, 77).send("READY=1")


def _leased(file: int) -> bool:
    """Whoever opens the file now waits in open() until it is closed here; see fcntl(2)."""
    try:
        fcntl.fcntl(file, _F_SETSIG, signal.SIGURG)  # told by a signal that nobody minds
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except BlockingIOError:
        return False
    return True


@pytest.mark.system
def test_a_conductor_that_hangs_on_its_disk_is_given_up_by_the_watchdog(site: Site, box: Box, manager: Manager) -> None:
    """A lease on the clip lets the conductor's open() wait, as a dying SD card would; all other threads go on."""
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    box.start(manager.env(2.0))
    wait_until(lambda: bool(site.statuses), 20, "the box is up")
    order = order_of("b-hangs", clip, now_ms() + 9_000, room_ms=120_000, grace_ms=60_000)
    site.send(order)
    site.wait_for(order, PlaybackState.READY)
    wait_until(lambda: "WATCHDOG=1" in manager.fields, 10, "a sign of life")
    file = os.open(next((box.folder / "data" / "clips").rglob(f"{clip.ref.id}*")), os.O_RDWR)
    try:
        wait_until(lambda: _leased(file), 10, "the lease (the fetcher may still have the file open)")
        wait_until(lambda: manager.silent_for("WATCHDOG=1") > 2.0, 20, "the watchdog would bite")
        told = len(site.telemetry)
        site.command_now("c-ping", "diagnostics")
        wait_until(lambda: len(site.telemetry) > told, 10, "the other threads are alive")
        assert site.state(order) is PlaybackState.READY
    finally:
        os.close(file)
    wait_until(lambda: manager.silent_for("WATCHDOG=1") < 2.0, 10, "signs of life again")


@pytest.mark.system
def test_told_to_stop_it_fades_out_tells_what_was_heard_and_goes_on_after_the_next_start(
    site: Site, box: Box, manager: Manager
) -> None:
    site.introduce()
    clip = chimed(8)
    site.offer(clip)
    box.start(manager.env(0), options=("--log", "json", "--log-level", "debug"))
    wait_until(lambda: "READY=1" in manager.fields, 20, "the box is up")  # only then does the time until the start run
    second = _second_agent(box)
    assert second.returncode == 1
    assert f"process {box.pid}" in second.stderr
    order = order_of("b-stopped", clip, now_ms() + 3_000)
    site.send(order)
    site.wait_for(order, PlaybackState.PLAYING)
    wait_until(lambda: any(f.startswith("STATUS=") and "đang phát: " in f for f in manager.fields), 15, "the sentence")
    in_the_tone = order.broadcast.start + CHIME_MS
    wait_until(lambda: now_ms() > in_the_tone, 15, "the even tone after the chime, which rises and falls by itself")
    assert box.terminate(limit=8) == 0
    assert manager.fields[0] == "READY=1"
    assert manager.fields[-1] == "STOPPING=1"
    suspended = site.wait_for(order, PlaybackState.SUSPENDED, 5)
    assert suspended.reason is Reason.RESTART
    wait_until(lambda: site.statuses[-1].online is False, 5, "the goodbye")
    _assert_faded_out(box.recordings / "b-stopped.wav", suspended.measured.heard_ms)
    _assert_one_object_per_line_and_no_secret(box)
    box.start()
    record = site.wait_final(order)
    assert record.state is PlaybackState.PLAYED
    assert record.measured.heard_ms == pytest.approx(8_000, abs=5)


def _second_agent(box: Box) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "edge_agent", "run", "--config", str(box.config)]
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)


def _assert_faded_out(wav: Path, heard_ms: int) -> None:
    """The recording ends with silence, and what comes before gets lower and lower."""
    heard, rate = samples_of(wav)
    sounding = np.flatnonzero(np.abs(heard) > 0)
    end = int(sounding[-1]) + 1
    assert (end - int(sounding[0])) * 1000 / rate == pytest.approx(heard_ms, abs=100)
    tail = [float(np.sqrt(np.mean(part**2))) for part in np.split(heard[end - rate // 20 : end], 5)]
    assert tail[-1] < 0.4 * tail[0]


def _assert_one_object_per_line_and_no_secret(box: Box) -> None:
    text = box.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"time", "level", "part", "thread", "message"} <= set(lines[0])
    moves = [line["state"] for line in lines if line.get("broadcast") == "b-stopped"]
    assert moves == ["ready", "playing", "suspended"]
    assert "secret" not in text
    assert (box.folder / "agent.key").read_text() not in text
