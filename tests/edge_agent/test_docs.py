"""docs/edge-agent.md names every setting of the config file, every command and every number of the telemetry."""

import dataclasses
import re
from pathlib import Path

import pytest

from edge_agent.settings import SINKS, BrokerSettings, SoundSettings

ROOM = Path(__file__).resolve().parents[2] / "edge_agent"


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "edge-agent.md").read_text(encoding="utf-8")


def test_settings_are_documented(page: str) -> None:
    names = [f"broker.{field.name}" for field in dataclasses.fields(BrokerSettings)]
    names += [f"sound.{field.name}" for field in dataclasses.fields(SoundSettings)]
    names += ["site", "speaker", "data", "clips_max_mib", "keys.root_public", "keys.seed_file", *SINKS]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_commands_and_telemetry_are_documented(page: str) -> None:
    commands = re.findall(r'case "(\w+)"', (ROOM / "commands.py").read_text(encoding="utf-8"))
    numbers = re.findall(r'^            "(\w+)":', (ROOM / "reporter.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 4
    assert len(numbers) >= 8
    assert [name for name in commands + numbers if f"`{name}`" not in page] == []
