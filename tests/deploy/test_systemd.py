"""The units: systemd itself reads them, judges how exposed they leave the machine, and what they start exists."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.__main__ import main

UNITS = ("loaxa-agent", "loaxa-controller")
EXPOSURE_AT_MOST = 20
"""Tenths: 2.0 of 10, what `systemd-analyze security` calls OK."""

pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")


def unit_file(repository: Path, name: str) -> Path:
    return repository / "deploy" / "systemd" / f"{name}.service"


def values(unit: Path, name: str) -> list[str]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line(repository: Path, tmp_path: Path, name: str) -> None:
    unit = tmp_path / f"{name}.service"
    text = unit_file(repository, name).read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/loaxa/.venv/bin/python", sys.executable), encoding="utf-8")
    words = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    told = [line for line in done.stderr.splitlines() if name in line]
    assert (done.returncode, told) == (0, [])


@pytest.mark.parametrize("name", UNITS)
def test_the_verdict_on_its_exposure(repository: Path, name: str) -> None:
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_AT_MOST}", "--no-pager"]
    words.append(str(unit_file(repository, name)))
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_the_agents_unit_starts_a_command_that_is_there(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = unit_file(repository, "loaxa-agent")
    words = values(unit, "ExecStart")[0].partition(" -m edge_agent ")[2].split()
    assert (words[0], words[-2:]) == ("run", ["--config", "/var/lib/loaxa-agent/agent.toml"])
    words[-1] = str(tmp_path / "none.toml")
    assert main(words) == 2  # understood; there is no such config file
    assert words[-1] in capsys.readouterr().err
    assert values(unit, "Type") == ["notify"]
    assert int(values(unit, "WatchdogSec")[0]) >= 20  # a slow disk is not a stuck agent
    # Its answer says whether the clock may be believed; ProtectClock would make it fail.
    assert values(unit, "ProtectClock") == []
    # The machine's boot id is in /proc/sys: without it a restart of the agent forgets a time that still holds.
    assert values(unit, "ProcSubset") == []
    assert values(unit, "SystemCallFilter")[-1] == "adjtimex clock_adjtime"
