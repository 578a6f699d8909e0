"""The configuration files of the demonstration's speakers: made by the controller's own command, then read here."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.processes import ProgramFailed, python, run
from deploy.demo.report import write_whole
from deploy.demo.units import UNITS


@dataclass(frozen=True, slots=True)
class Agent:
    """One box: its speaker's id, its name for people, its configuration file and where its recordings go."""

    speaker: str
    name: str
    config: Path
    recordings: Path


def add_speakers(
    common: Sequence[str], places: Sequence[tuple[str, str]], into: Path, env: Mapping[str, str]
) -> tuple[Agent, ...]:
    """Register one speaker per (area, name of the place) with a controller; `common` are options of every command."""
    folders = [into / area for area, _ in places]
    words = [
        word
        for (area, name), folder in zip(places, folders, strict=True)
        for word in (area, f"Cụm loa {name}", str(folder))
    ]
    run(python("deploy.demo.register", *common, "--", *words), env)
    return tuple(read_agent(folder) for folder in folders)


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
