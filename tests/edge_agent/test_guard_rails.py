"""Signed, genuine, at the wrong hour or too much: the box does not play it, whatever the controller signed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import BroadcastOrder
from schedules.model import Priority, VolumeHours
from schedules.states import PlaybackState, Reason
from schedules.units import Percent, UtcMs
from schedules.wall import from_utc_ms, local_date
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.mosquitto import Mosquitto
from tests.rig.site import Site, now_ms, order_of

S = PlaybackState
ZONE = "Asia/Ho_Chi_Minh"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedBox:
    return SimulatedBox(tmp_path, monkeypatch)


@pytest.fixture
def real(tmp_path: Path, site: Site, mosquitto: Mosquitto) -> Iterator[Box]:
    box = Box(write_config(tmp_path / "box", site, mosquitto.port))
    yield box
    box.kill9()


def of_box(
    box: SimulatedBox, name: str, seconds: int, after_s: float, *, priority: Priority = Priority.NORMAL
) -> BroadcastOrder:
    clip = chimed(seconds)
    box.hold(clip)
    return order_of(name, clip, box.utc + round(after_s * 1000), priority=priority)


def end(box: SimulatedBox, order: BroadcastOrder) -> tuple[PlaybackState, Reason]:
    last = box.records(order)[-1]
    return last.state, last.reason


def today(box: SimulatedBox) -> int:
    return local_date(box.utc, ZONE).weekday()


def test_a_day_that_is_not_allowed_is_refused_when_it_is_heard_of(box: SimulatedBox) -> None:
    box.configure(2, weekdays=tuple(day for day in range(7) if day not in (today(box), (today(box) + 1) % 7)))
    order = of_box(box, "b-1", 3, 5)
    box.give(order)
    assert end(box, order) == (S.REFUSED, Reason.WEEKDAY)
    assert not any(box.play(9_000))


def test_what_is_longer_than_a_session_or_a_day_is_refused_when_it_is_heard_of(box: SimulatedBox) -> None:
    box.configure(2, session_cap_ms=10_000)
    long = of_box(box, "b-1", 13, 5)
    box.give(long)
    assert end(box, long) == (S.REFUSED, Reason.SESSION_CAP)
    box.configure(3, daily_cap_ms=10_000)
    much = of_box(box, "b-2", 13, 5)
    box.give(much)
    assert end(box, much) == (S.REFUSED, Reason.DAILY_CAP)
    assert not any(box.play(20_000))


def test_the_one_that_makes_a_session_too_long_is_refused_and_an_emergency_is_not(box: SimulatedBox) -> None:
    box.configure(2, session_cap_ms=8_000)
    orders = [of_box(box, f"b-{n}", 3, 2 + 4 * n) for n in range(3)]
    emergency = of_box(box, "b-e", 3, 15, priority=Priority.EMERGENCY)
    for order in (*orders, emergency):
        box.give(order)
    heard = box.play(20_000)
    assert [end(box, order) for order in orders] == [
        (S.PLAYED, Reason.NONE),
        (S.PLAYED, Reason.NONE),
        (S.REFUSED, Reason.SESSION_CAP),
    ]
    assert end(box, emergency)[0] is S.PLAYED
    assert {name for block in heard for name in block} == {"b-0", "b-1", "b-e"}


def test_after_a_silence_of_five_minutes_a_new_session_begins(box: SimulatedBox) -> None:
    box.configure(2, session_cap_ms=8_000)
    for order in (first := of_box(box, "b-0", 7, 2), second := of_box(box, "b-1", 7, 10 + 301)):
        box.give(order)
    box.play(12_000)
    box.pass_time(290_000)
    box.play(20_000)
    assert end(box, first)[0] is S.PLAYED
    assert end(box, second)[0] is S.PLAYED


def test_what_sounded_today_counts_after_a_restart_and_emergencies_never(
    box: SimulatedBox,
) -> None:
    box.configure(2, daily_cap_ms=10_000)
    emergency = of_box(box, "b-e", 13, 2, priority=Priority.EMERGENCY)
    first = of_box(box, "b-0", 7, 20)
    box.give(emergency)
    box.give(first)
    box.play(30_000)
    assert end(box, emergency)[0] is S.PLAYED
    assert end(box, first)[0] is S.PLAYED
    box.restart()
    second, small = of_box(box, "b-1", 7, 3), of_box(box, "b-2", 3, 20)
    box.give(second)
    box.give(small)
    heard = box.play(30_000)
    assert end(box, second) == (S.REFUSED, Reason.DAILY_CAP)
    assert end(box, small)[0] is S.PLAYED
    assert {name for block in heard for name in block} == {"b-2"}


def test_what_was_interrupted_goes_on_only_as_far_as_the_day_has_room(box: SimulatedBox) -> None:
    """The cap fell while an emergency was on: the rest would be too much, and what came out stays told."""
    long = of_box(box, "b-0", 13, 2)
    box.give(long)
    box.play(8_000)
    emergency = of_box(box, "b-e", 3, 0.5, priority=Priority.EMERGENCY)
    box.give(emergency)
    box.play(1_000)
    box.configure(3, daily_cap_ms=8_000)
    box.play(10_000)
    assert end(box, emergency)[0] is S.PLAYED
    state, reason = end(box, long)
    assert (state, reason) == (S.INTERRUPTED, Reason.DAILY_CAP)
    assert 4_000 < box.records(long)[-1].measured.heard_ms < 8_000


def test_while_the_disk_refuses_the_caps_still_count(box: SimulatedBox) -> None:
    box.configure(2, daily_cap_ms=10_000)
    orders = [of_box(box, f"b-{n}", 7, 2 + 10 * n) for n in range(2)]
    for order in orders:
        box.give(order)
    box.conductor.step_safely()
    box.refuse_writes(True)
    heard = box.play(25_000)
    box.refuse_writes(False)
    box.play(1_000)
    assert {name for block in heard for name in block} == {"b-0"}
    assert end(box, orders[1])[0] in (S.REFUSED, S.MISSED)


def test_the_real_box_stays_silent_at_the_wrong_hour_and_beyond_the_cap(site: Site, real: Box) -> None:
    """Real processes, a real broker, documents signed by the right keys."""
    clip, long = chimed(3), chimed(30)
    site.offer(clip)
    site.offer(long)
    today = local_date(now_ms(), ZONE).weekday()
    site.introduce(session_cap_ms=20_000, daily_cap_ms=3_500)
    real.start()
    first = order_of("b-first", clip, now_ms() + 3_000)
    second = order_of("b-second", clip, now_ms() + 7_000)
    too_long = order_of("b-long", long, now_ms() + 3_600_000)
    for order in (first, second, too_long):
        site.send(order)
    assert (site.wait_final(too_long).state, site.wait_final(too_long).reason) == (S.REFUSED, Reason.SESSION_CAP)
    assert site.wait_final(first).state is S.PLAYED
    record = site.wait_final(second)
    assert (record.state, record.reason) == (S.REFUSED, Reason.DAILY_CAP)
    assert record.measured.frames == 0
    site.introduce(revision=2, weekdays=tuple(day for day in range(7) if day not in (today, (today + 1) % 7)))
    third = order_of("b-third", clip, now_ms() + 2_000)
    site.send(third)
    record = site.wait_final(third)
    assert (record.state, record.reason) == (S.REFUSED, Reason.WEEKDAY)


def evening(box: SimulatedBox, most: int) -> tuple[VolumeHours, int]:
    """Hours of lower volume that begin at the next full minute but one; and that minute, UTC ms."""
    minute = (box.utc // 60_000 + 2) * 60_000
    begin = from_utc_ms(UtcMs(minute), ZONE).time()
    return VolumeHours(begin, begin.replace(minute=(begin.minute + 30) % 60), Percent(most)), minute


def test_it_is_turned_down_on_the_minute_while_it_plays_and_an_emergency_is_not(box: SimulatedBox) -> None:
    hours, minute = evening(box, 40)
    box.configure(2, volume_hours=(hours,))
    order = of_box(box, "b-1", 8, (minute - box.utc) / 1000 - 4)
    urgent = of_box(box, "b-2", 4, (minute - box.utc) / 1000 + 8, priority=Priority.EMERGENCY)
    box.give(order)
    box.give(urgent)
    box.pass_time(order.broadcast.start - box.utc - 500)
    box.play(9_500)
    assert end(box, order) == (S.PLAYED, Reason.NONE)
    told = box.records(order)[-1].measured
    assert told.levels_db[:3] == (-27, -27, -27)  # 80 %
    assert set(told.levels_db[4:]) == {-45}  # 40 %
    assert told.volume_percent == 80
    box.play(8_000)
    assert set(box.records(urgent)[-1].measured.levels_db) == {-27}


def test_a_volume_command_turns_down_what_sounds_and_nothing_is_left_behind_by_a_power_cut(box: SimulatedBox) -> None:
    first, second = of_box(box, "b-1", 8, 1), of_box(box, "b-2", 3, 20)
    box.give(first)
    box.give(second)
    box.play(4_000)
    box.conductor.set_volume_limit(40)
    box.play(3_000)
    box.restart()
    box.conductor.set_volume_limit(100)
    box.play(10_000)
    levels = box.records(first)[-1].measured.levels_db
    assert (levels[0], -45 in levels, levels[-1]) == (-27, True, -27)
    box.play(10_000)
    assert set(box.records(second)[-1].measured.levels_db) == {-27}
