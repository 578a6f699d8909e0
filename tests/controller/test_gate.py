"""The signing gate: break any part of what was approved, and nothing is signed."""

from dataclasses import replace
from datetime import date, time

import pytest

from controller.carrying import APPROVALS, carry_approvals
from controller.desk.values import When, WhenKind
from controller.proof import NotApproved, Proof, Proofs
from controller.publishing import order_of
from controller.store import schema
from controller.store.values import Planned
from protocol.messages import BroadcastOrder
from schedules.model import Priority, StartRule, Targets
from schedules.units import AreaId, BulletinId, ClipId, DurationMs, Percent, SpeakerId, UtcMs
from tests.controller.world import COMMUNE, DAY_MS, TOWN, World


@pytest.fixture
def planned(station: World) -> Planned:
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    with station.store.read() as unit:
        found = unit.broadcasts.get(broadcast)
    assert found is not None
    return found


def proof_of(station: World, planned: Planned) -> Proof:
    with station.store.read() as unit:
        return Proofs(unit).of(planned)


def sent(station: World, planned: Planned) -> BroadcastOrder:
    return order_of(planned, station.now, UtcMs(planned.broadcast.hard_end))


def test_what_was_approved_is_signed(station: World, planned: Planned) -> None:
    assert station.signer.broadcast(sent(station, planned), planned.bulletin, proof_of(station, planned)).sha256


@pytest.mark.parametrize(
    "part",
    [
        "title",
        "clips",
        "no clips",
        "areas",
        "speakers",
        "volume",
        "priority",
        "rule",
        "order",
        "start",
        "end",
        "bulletin",
    ],
)
def test_an_order_that_says_anything_else_is_not_signed(station: World, planned: Planned, part: str) -> None:
    order, broadcast, bulletin = sent(station, planned), planned.broadcast, planned.bulletin
    clip = broadcast.clips[0]
    other = {
        "title": replace(order, title="Khác"),
        "clips": replace(order, broadcast=replace(broadcast, clips=(replace(clip, size_bytes=1),))),
        "no clips": replace(order, broadcast=replace(broadcast, clips=())),
        "areas": replace(order, areas=(TOWN, COMMUNE)),
        "speakers": replace(order, speakers=(SpeakerId("s-1"), SpeakerId("s-9"))),
        "volume": replace(order, broadcast=replace(broadcast, volume=Percent(81))),
        "priority": replace(order, broadcast=replace(broadcast, priority=Priority.EMERGENCY)),
        "rule": replace(order, broadcast=replace(broadcast, rule=StartRule.FROM_START)),
        "order": replace(order, broadcast=replace(broadcast, order=1)),
        "start": replace(order, broadcast=replace(broadcast, start=UtcMs(broadcast.start - 7_200_000))),
        "end": replace(order, broadcast=replace(broadcast, hard_end=UtcMs(broadcast.hard_end + 1))),
        "bulletin": order,
    }[part]
    if part == "bulletin":
        bulletin = BulletinId("bu-other")
    with pytest.raises(NotApproved):
        station.signer.broadcast(other, bulletin, proof_of(station, planned))


@pytest.mark.parametrize("part", ["volume", "targets", "start", "rrule", "repeats", "title", "clip", "nothing allowed"])
def test_a_schedule_or_content_that_was_changed_beside_the_approval_proves_nothing(
    station: World, planned: Planned, part: str
) -> None:
    """As if a bug, or a hand in the database, had changed it."""
    proof = proof_of(station, planned)
    schedule, content = proof.schedule, proof.contents[planned.bulletin]
    schedules = {
        "volume": replace(schedule, volume=Percent(90)),
        "targets": replace(schedule, targets=Targets((TOWN, AreaId("dam-ha-06898")))),
        "start": replace(schedule, local_start=schedule.local_start.replace(hour=3)),
        "rrule": replace(schedule, rrule="FREQ=DAILY"),
        "repeats": replace(schedule, repeats=2, gap=DurationMs(60_000)),
    }
    contents = {
        "title": replace(content, title="Khác"),
        "clip": replace(content, clips=(*content.clips, ClipId("0" * 64))),
    }
    changed = Proof(
        schedules.get(part, schedule),
        {planned.bulletin: contents.get(part, content)},
        proof.sounds,
        frozenset() if part == "nothing allowed" else proof.allowed,
    )
    assert proof.approved
    assert not changed.approved
    with pytest.raises(NotApproved):
        station.signer.broadcast(sent(station, planned), planned.bulletin, changed)


def test_without_a_proof_only_a_cancelled_order_is_signed(station: World, planned: Planned) -> None:
    order = sent(station, planned)
    with pytest.raises(NotApproved):
        station.signer.broadcast(order, planned.bulletin, None)
    assert station.signer.broadcast(replace(order, cancelled=True), planned.bulletin, None).sha256


def test_what_was_on_air_before_there_were_approvals_stays_on_air_and_nothing_after_that(
    station: World, planned: Planned
) -> None:
    """A database of the first version is opened: once, and only once, what it planned counts as approved."""
    daily = station.schedule(When(WhenKind.DAILY, date(2026, 12, 9), time(6, 0)))
    for carried in (True, False):
        with station.store.write() as unit:
            unit.connection.execute(schema.approvals.delete())
            unit.connection.execute(schema.bulletins.update().values(on_air=None))
            if carried:
                unit.connection.execute(schema.site.delete().where(schema.site.c.name == APPROVALS))
        with station.store.write() as unit:
            carry_approvals(unit, station.now)
        later = UtcMs(station.now + DAY_MS)
        with station.store.write() as unit:
            found = unit.broadcasts.get(daily[0])
            assert found is not None
            assert Proofs(unit).of(found).approved is carried
            assert len(station.planner.roll(unit, later)) == carried
        station.now = later
