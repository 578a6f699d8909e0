"""The self test: the sweep really comes out as made, and it keeps out of the way of what is due or running."""

import json
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from edge_agent.clock import SystemClock
from edge_agent.doctor.findings import Finding, Verdict
from edge_agent.lock import held
from edge_agent.selftest import run
from edge_agent.sweep import Sweep
from schedules.states import PlaybackState
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.ports import free_port
from tests.rig.site import Signer, Site, now_ms, order_of

CLOCK = SystemClock()


def codes(findings: list[Finding]) -> dict[str, Verdict]:
    return {finding.code: finding.verdict for finding in findings}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path / "box", Signer(), free_port())


def test_the_sweep_comes_out_whole_and_is_measured(config: Path) -> None:
    findings = run(config, CLOCK)
    found = codes(findings)
    assert (found["whole"], found["level"], found["listen"]) == (Verdict.WELL,) * 3
    assert "start" in found  # how exact depends on the load of this machine
    with wave.open(str(config.parent / "recordings" / "self-test.wav")) as file:
        heard = file.readframes(file.getnframes())
    assert Sweep().pcm.strip(b"\0") in heard
    assert not list((config.parent / "data").iterdir())


def test_while_an_agent_holds_the_data_folder_nothing_is_played(config: Path) -> None:
    with held(config.parent / "data"):
        words = [sys.executable, "-m", "edge_agent", "selftest", "--config", str(config), "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert [each["code"] for each in json.loads(done.stdout)["findings"]] == ["agent_runs"]
    assert not (config.parent / "recordings").exists()


@pytest.mark.system
def test_a_broadcast_that_is_due_goes_first(site: Site, box: Box) -> None:
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    order = order_of("b-due", clip, now_ms() + 90_000)
    site.send(order)
    box.start()
    site.wait_for(order, PlaybackState.READY)
    assert box.terminate() == 0
    assert codes(run(box.config, CLOCK)) == {"due": Verdict.BAD}
