"""The intake over real databases: a message that can never be kept costs only itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from controller.intake import Intake, Reply
from controller.link import Incoming
from protocol.topics import STATUS, SpeakerTopic, build
from schedules.units import SpeakerId
from tests.controller.world import ZONE, World
from tests.rig.broker import wait_until


@dataclass
class Heard:
    """What was acknowledged and what was answered, in order."""

    acknowledged: list[Incoming] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)


@contextmanager
def taking(world: World) -> Iterator[tuple[Intake, Heard]]:
    heard = Heard()
    intake = Intake(
        world.store, world.signer, ZONE, acknowledge=heard.acknowledged.append, reply=heard.answers.append
    )  # fmt: skip
    intake.start()
    try:
        yield intake, heard
    finally:
        intake.stop()


def status(world: World, speaker: SpeakerId, boot: str) -> Incoming:
    topic = build(SpeakerTopic(speaker, STATUS))
    return Incoming(topic, world.status(speaker, boot=boot), False, (len(speaker), 1))


def known(world: World) -> set[SpeakerId]:
    with world.store.read() as unit:
        return {each.speaker for each in unit.places.statuses()}


def refuse_same_boots(world: World) -> None:
    """Now the second status with one boot id breaks a rule of the database."""
    with world.store.write() as unit:
        unit.connection.execute(sa.text("CREATE UNIQUE INDEX one_boot ON speaker_status (boot_id)"))


def test_an_integrity_error_costs_only_its_own_message(either: World, caplog: pytest.LogCaptureFixture) -> None:
    refuse_same_boots(either)
    speakers = [either.add_speaker(f"s-{n}") for n in range(1, 5)]
    boots = ["one", "one", "two", "three"]
    messages = [status(either, speaker, boot) for speaker, boot in zip(speakers, boots, strict=True)]
    with taking(either) as (intake, heard):
        for message in messages:
            intake.hear(message)
        wait_until(lambda: len(heard.acknowledged) == 4, "every message is acknowledged", 10)
    assert heard.acknowledged == messages
    assert known(either) == {"s-1", "s-3", "s-4"}
    assert f"a message on {messages[1].topic} was dropped" in caplog.text


def test_a_database_that_is_away_is_asked_again(either: World) -> None:
    """Nothing is acknowledged before it is kept: the table is missing for a while, as in a restore."""
    speaker = either.add_speaker("s-1")
    rename = "ALTER TABLE {} RENAME TO {}"
    with either.store.write() as unit:
        unit.connection.execute(sa.text(rename.format("speaker_status", "gone")))
    with taking(either) as (intake, heard):
        intake.hear(status(either, speaker, "one"))
        threading.Event().wait(0.3)
        assert heard.acknowledged == []
        with either.store.write() as unit:
            unit.connection.execute(sa.text(rename.format("gone", "speaker_status")))
        wait_until(lambda: len(heard.acknowledged) == 1, "acknowledged", 10)
    assert known(either) == {speaker}
