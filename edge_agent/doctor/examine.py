"""All checks in the order in which a box comes to work, and the config file first of all."""

from collections.abc import Iterator
from pathlib import Path

from edge_agent.clock import Clock
from edge_agent.doctor import broker, clock, disk, keys, sound
from edge_agent.doctor.findings import Finding, Part, bad, well
from edge_agent.lock import holder
from edge_agent.machine import LinuxMachine
from edge_agent.owner import become_owner
from edge_agent.settings import BadSettings, Settings, load
from edge_agent.words import Sentence


def examine(config: Path, time: Clock) -> Iterator[Finding]:
    """Everything that can be looked at, each as soon as it is found; a config file that cannot be used is the end."""
    try:
        become_owner(load(config).data)
        settings = load(config)  # once more, as the user that the agent is
    except BadSettings as error:
        yield bad(Part.CONFIG, "config", _UNUSABLE, _MEND, why=error)
        return
    agent_pid = holder(settings.data)
    yield _usable(settings, config)
    yield from disk.check(settings.data, time)
    yield from keys.check(settings)
    yield from clock.check(time, LinuxMachine(), settings.data)
    yield from broker.check(settings.broker, settings.speaker, agent_pid)
    yield from sound.check(settings.sound, time, agent_pid)


def _usable(settings: Settings, config: Path) -> Finding:
    return well(Part.CONFIG, "config", _USABLE, speaker=settings.speaker, site=settings.site, file=config)


_USABLE = Sentence("Loa {speaker} của {site} ({file}).", "Speaker {speaker} of {site} ({file}).")
_UNUSABLE = Sentence("Tệp cấu hình không dùng được: {why}.", "The config file cannot be used: {why}.")
_MEND = Sentence(
    "Sửa đúng chỗ được nêu; nếu tệp hỏng, lấy lại thư mục của loa từ trung tâm (docs/install.md).",
    "Mend what is named; if the file is damaged, get the speaker's folder from the controller again (docs/install.md).",
)
