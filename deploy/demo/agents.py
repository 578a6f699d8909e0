"""The configuration files of the demonstration's speakers: made by the controller's own command, then read here."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.processes import ProgramFailed, run
from deploy.demo.report import write_whole
from deploy.demo.units import UNITS

AT_ONCE = 3
"""Commands run side by side: each is a Python start, and two cores do no more."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One box: its speaker's id, its name for people, its configuration file and where its recordings go."""

    speaker: str
    name: str
    config: Path
    recordings: Path


def add_speakers(
    command: Sequence[str], places: Sequence[tuple[str, str]], into: Path, env: Mapping[str, str]
) -> tuple[Agent, ...]:
    """Register one speaker per (area, name of the place) with a running controller, by its `command`."""

    def add(place: tuple[str, str]) -> Agent:
        area, name = place
        folder = into / area
        folder.mkdir(parents=True)
        run((*command, "--area", area, "--name", f"Cụm loa {name}", "--out", str(folder)), env)
        return read_agent(folder)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return tuple(pool.map(add, places))


def read_agent(folder: Path) -> Agent:
    """The agent whose configuration lies in `folder`."""
    configs = sorted(folder.glob("*.toml"))
    if len(configs) != 1:
        raise ProgramFailed(f"expected one configuration file in {folder}, found {len(configs)}")
    settings = tomllib.loads(configs[0].read_text(encoding="utf-8"))
    return Agent(
        speaker=settings["speaker"],
        name=f"Cụm loa {dict(UNITS).get(folder.name, folder.name)}",
        config=configs[0],
        recordings=folder / settings["sound"].get("recordings", "recordings"),
    )


def change(config: Path, **values: str | int) -> None:
    """Set existing keys of a configuration file, each of which stands once in it."""
    text = config.read_text(encoding="utf-8")
    for key, value in values.items():
        spelled = str(value) if isinstance(value, int) else f'"{value}"'
        text, count = re.subn(rf"(?m)^{key}\s*=.*$", f"{key} = {spelled}", text)
        if count != 1:
            raise ProgramFailed(f"{config} has {count} lines {key!r}, expected one")
    write_whole(config, text)
