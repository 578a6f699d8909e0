"""The demonstration as a user runs it: `make demo-once`, its report, its recordings and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from deploy.demo.agents import read_agent
from deploy.demo.processes import wait_until
from deploy.demo.units import UNITS
from tests.rig.ports import is_free
from tests.rig.recording import listen

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

AGREE_MS = 5.0
"""How far what a speaker reported may lie from what its recording shows."""


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    progress: str
    report: Mapping[str, Any]


def environment() -> dict[str, str]:
    """The environment of a user, not of the make that runs these tests."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}


def start(repository: Path, folder: Path, **settings: Path) -> subprocess.Popen[str]:
    words = [f"{name}={value}" for name, value in settings.items()]
    return subprocess.Popen(
        ["make", "demo-once", f"REPORT={folder}/report.json", f"KEEP={folder}/kept", *words],
        cwd=repository,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(running: subprocess.Popen[str], folder: Path) -> Ended:
    out, progress = running.communicate(timeout=200)
    print(progress, file=sys.stderr)
    return Ended(running.returncode, out, progress, json.loads((folder / "report.json").read_text()))


def ours(folder: Path) -> list[psutil.Process]:
    """The processes of a demonstration over `folder`, the controller first."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in word for word in process.cmdline()) and process.name() not in ("make", "sh"):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return sorted(found, key=lambda process: process.create_time())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("once")


@pytest.fixture(scope="module")
def ended(folder: Path) -> Ended:
    """One run with the default text, which the tests below look at from all sides."""
    return end(start(Path(__file__).parents[2], folder), folder)


def test_nine_played_to_the_end(ended: Ended) -> None:
    assert ended.status == 0, ended.progress
    assert [row["state"] for row in ended.report["speakers"]] == ["played"] * len(UNITS)
    assert len({row["speaker"] for row in ended.report["speakers"]}) == len(UNITS)
    assert {row["area"] for row in ended.report["speakers"]} == {name for _, name in UNITS}


def test_the_table_has_a_line_for_each_and_nothing_else_is_on_stdout(ended: Ended) -> None:
    lines = ended.out.strip().splitlines()
    assert len(lines) == 2 + len(UNITS)
    assert all(line.endswith("played") for line in lines[2:])


def test_nothing_is_left_behind(ended: Ended, folder: Path) -> None:
    assert ours(folder) == []
    assert is_free(int(ended.report["http_port"]))
    assert is_free(int(ended.report["broker_port"]))


def test_the_recordings_bear_the_report_out(ended: Ended, folder: Path) -> None:
    """What each box said of itself against an independent listening to what it put out."""
    planned_us = ended.report["planned_start_ms"] * 1000
    told = {row["speaker"]: row for row in ended.report["speakers"]}
    boxes = [read_agent(path) for path in sorted((folder / "kept/speakers").iterdir())]
    assert {box.speaker for box in boxes} == set(told)
    for box in boxes:
        heard, row = listen(box.recordings / f"{ended.report['broadcast']}.wav"), told[box.speaker]
        assert heard.likeness > 0.9
        assert (heard.started_us - planned_us) / 1000 == pytest.approx(row["start_error_ms"], abs=AGREE_MS)
        assert heard.seconds == pytest.approx(row["seconds_heard"], abs=0.1)
        assert heard.seconds == pytest.approx(ended.report["duration_ms"] / 1000, rel=0.01)
        assert heard.level_dbfs == pytest.approx(row["level_dbfs"], abs=0.5)


def test_a_recording_goes_out_and_a_killed_speaker_is_told(tmp_path: Path, repository: Path) -> None:
    """AUDIO= with one box losing power before air time: eight play, the result says so, the exit status is 1."""
    song = tmp_path / "bản tin.wav"
    write_tone(song, seconds=3)
    running = start(repository, tmp_path, AUDIO=song)
    try:
        wait_until(lambda: len(agents(tmp_path)) == len(UNITS), 120, "all agents run")
        agents(tmp_path)[3].kill()
        ended = end(running, tmp_path)
    finally:
        running.kill()
    assert ended.status == 1
    states = sorted(row["state"] for row in ended.report["speakers"])
    assert states.count("played") == len(UNITS) - 1
    assert ours(tmp_path) == []


def agents(folder: Path) -> list[psutil.Process]:
    return [process for process in ours(folder) if "edge_agent" in process.cmdline()]


def write_tone(path: Path, seconds: int) -> None:
    moments = np.arange(seconds * 48_000) / 48_000
    tone = (0.3 * np.sin(2 * np.pi * 440 * moments) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(tone.tobytes())


def test_what_is_not_audio_is_refused_with_2(tmp_path: Path, repository: Path) -> None:
    notes = tmp_path / "notes.mp3"
    notes.write_text("Đây không phải là âm thanh.\n" * 50)
    ended = end(start(repository, tmp_path, AUDIO=notes), tmp_path)
    assert ended.status == 2, ended.progress
    assert ended.report["speakers"] == []
    assert ended.report["error"] in ended.progress
    assert ours(tmp_path) == []


@pytest.mark.parametrize(("name", "content"), [("none.txt", None), ("empty.txt", ""), ("blank.txt", " \n")])
def test_a_text_that_is_none_is_refused_at_once_with_2(
    tmp_path: Path, repository: Path, name: str, content: str | None
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    ended = end(start(repository, tmp_path, TEXT=tmp_path / name), tmp_path)
    assert ended.status == 2
    assert name in ended.report["error"]
    assert "starting" not in ended.progress


def test_ended_from_outside_it_takes_everything_with_it(tmp_path: Path, repository: Path) -> None:
    running = start(repository, tmp_path)
    try:
        wait_until(lambda: len(agents(tmp_path)) >= 3, 120, "some agents run")
        running.send_signal(signal.SIGTERM)
        wait_until(lambda: ours(tmp_path) == [], 30, "every process ended")
        running.communicate(timeout=20)
    finally:
        running.kill()
        running.communicate()
    assert running.returncode != 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["exit"] == 1
    assert report["error"]
