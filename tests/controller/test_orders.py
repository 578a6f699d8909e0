"""What staff may ask for and what is refused, each with a stable name and a Vietnamese sentence."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from controller.desk.refusal import Refusal
from controller.desk.values import NewBulletin, NewSchedule, When, WhenKind
from schedules.model import Priority, Targets
from schedules.units import AreaId, BroadcastId, BulletinId, ClipId, Percent, SpeakerId
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, World, now_when, once, world

TOMORROW = date(2026, 12, 8)
AT_FIVE = once(TOMORROW, time(5, 0))


def order(bulletin: BulletinId, when: When = AT_FIVE, *areas: AreaId, **more: object) -> NewSchedule:
    return NewSchedule(bulletin, when, Targets(areas or (TOWN,)), **more)  # type: ignore[arg-type]


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    assert str(caught.value)[-1] in ".”"
    return caught.value.code


@pytest.mark.parametrize(
    ("when", "code"),
    [
        (once(date(2026, 12, 7), time(11, 59)), "past-time"),
        (once(date(2026, 12, 7), time(12, 0)), "past-time"),
        (When(WhenKind.ONCE, None, time(5, 0)), "no-day"),
        (When(WhenKind.ONCE, TOMORROW, None), "no-time"),
        (When(WhenKind.WEEKLY, TOMORROW, time(5, 0)), "no-weekday"),
        (When(WhenKind.WEEKLY, TOMORROW, time(5, 0), (7,)), "no-weekday"),
        (When(WhenKind.DAILY, TOMORROW, time(5, 0), until=date(2026, 12, 7)), "until-before-start"),
        (When(WhenKind.WEEKLY, TOMORROW, time(5, 0), (0,), until=date(2026, 12, 9)), "no-occurrence"),
        (When(WhenKind.DAILY, date(2020, 1, 1), time(5, 0), until=date(2020, 2, 1)), "no-occurrence"),
        (once(date(9999, 12, 31), time(23, 59)), "bad-time"),
    ],
)
def test_times_that_cannot_be(station: World, when: When, code: str) -> None:
    station.add_speaker("s-1")
    bulletin = station.bulletin()
    assert code_of(lambda: station.desk.schedule(order(bulletin, when), ADMIN)) == code
    with station.store.read() as unit:
        assert unit.broadcasts.live_schedules() == ()


def test_places_that_cannot_be(station: World) -> None:
    station.add_speaker("s-1")
    bulletin, desk = station.bulletin(), station.desk
    assert code_of(lambda: desk.understand(NewSchedule(bulletin, AT_FIVE, Targets()), ADMIN)) == "no-target"
    assert code_of(lambda: desk.understand(order(bulletin, AT_FIVE, AreaId("nowhere")), ADMIN)) == "unknown-area"
    assert code_of(lambda: desk.understand(order(bulletin, AT_FIVE, COMMUNE), ADMIN)) == "no-speaker"
    nobody = NewSchedule(bulletin, AT_FIVE, Targets((), (SpeakerId("s-none"),)))
    assert code_of(lambda: desk.understand(nobody, ADMIN)) == "unknown-speaker"


@pytest.mark.parametrize("volume", [-1, 101])
def test_a_volume_that_cannot_be(station: World, volume: int) -> None:
    station.add_speaker("s-1")
    bulletin = station.bulletin()
    assert code_of(lambda: station.desk.understand(order(bulletin, volume=Percent(volume)), ADMIN)) == "too-loud"


def test_a_bulletin_without_sound(station: World) -> None:
    station.add_speaker("s-1")
    desk = station.desk
    bulletin = desk.bulletin_from_text(NewBulletin("A"), "Kính mời bà con", ADMIN)
    assert code_of(lambda: desk.understand(order(bulletin), ADMIN)) == "bulletin-not-ready"
    with station.store.write() as unit:
        unit.bulletins.move_job(bulletin, state="failed", error="Tệp hỏng.", error_code="damaged")
    assert code_of(lambda: desk.understand(order(bulletin), ADMIN)) == "bulletin-failed"
    assert code_of(lambda: desk.understand(order(BulletinId("bu-none")), ADMIN)) == "unknown-bulletin"


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [("A", "", "empty-text"), ("A", " \n\t", "empty-text"),
     ("A", "a" * 100_000, "text-too-long"), (" ", "a", "no-title"),
     ("a" * 201, "a", "title-too-long")],
)  # fmt: skip
def test_texts_that_cannot_be(station: World, title: str, text: str, code: str) -> None:
    assert code_of(lambda: station.desk.bulletin_from_text(NewBulletin(title), text, ADMIN)) == code
    assert station.desk.bulletins(ADMIN) == ()


def test_an_empty_upload(station: World, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.touch()
    assert code_of(lambda: station.desk.bulletin_from_audio(NewBulletin("A"), upload, "a.mp3", ADMIN)) == "empty-file"


def test_quiet_hours_refuse_all_but_an_emergency(tmp_path: Path) -> None:
    with world(tmp_path, demo=False) as station:
        station.add_speaker("s-1")
        bulletin, night = station.bulletin(), once(TOMORROW, time(3, 15))
        assert code_of(lambda: station.desk.understand(order(bulletin, night), ADMIN)) == "quiet-hours"
        # It begins before the quiet and would end in it.
        assert (
            code_of(lambda: station.desk.understand(order(bulletin, once(TOMORROW, time(20, 59, 45))), ADMIN))
            == "quiet-hours"
        )
        assert station.desk.understand(order(bulletin, AT_FIVE), ADMIN).speakers == 1
        urgent = station.desk.understand(order(bulletin, night, priority=Priority.EMERGENCY), ADMIN)
        assert urgent.needs_confirmation


def test_an_emergency_needs_its_places_confirmed(station: World) -> None:
    station.add_speaker("s-1")
    bulletin = station.bulletin()
    for confirmed in ("", "xã Đầm Hà"):
        urgent = order(bulletin, now_when(), priority=Priority.EMERGENCY, confirmed_places=confirmed)
        assert code_of(lambda urgent=urgent: station.desk.schedule(urgent, ADMIN)) == "not-confirmed"  # type: ignore[misc]
    right = order(bulletin, now_when(), priority=Priority.EMERGENCY, confirmed_places="thị trấn Đầm Hà")
    assert station.desk.schedule(right, ADMIN)[1]


def test_what_was_understood_is_said_in_a_sentence(station: World) -> None:
    for n, area in enumerate((TOWN, COMMUNE)):
        station.add_speaker(f"s-{n}", area)
    bulletin = station.bulletin(title="Tiêm chủng")
    weekly = When(WhenKind.WEEKLY, TOMORROW, time(5, 0), (0, 2, 4), until=date(2026, 12, 31))
    told = station.desk.understand(order(bulletin, weekly, TOWN, COMMUNE), ADMIN)
    assert told.sentence == (
        "Bản tin thông thường “Tiêm chủng” dài 30 giây sẽ phát thứ 2, 4, 6 hàng tuần lúc 05:00, "
        "từ ngày 08/12/2026 đến hết ngày 31/12/2026 tại thị trấn Đầm Hà, xã Đầm Hà (2 cụm loa), âm lượng 80 %."
    )
    assert [start.isoformat() for start in told.starts[:2]] == [
        "2026-12-09T05:00:00+07:00",
        "2026-12-11T05:00:00+07:00",
    ]
    assert station.desk.understand(order(bulletin, now_when(), DISTRICT), ADMIN).places_sentence == "huyện Đầm Hà"


def test_understanding_changes_nothing(station: World) -> None:
    station.add_speaker("s-1")
    bulletin = station.bulletin()
    station.settle()
    station.desk.understand(order(bulletin), ADMIN)
    assert station.dirty() == set()


def test_what_is_over_cannot_be_stopped(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    station.now = type(station.now)(station.order(broadcast).broadcast.hard_end + 1)
    assert code_of(lambda: station.desk.stop(broadcast, ADMIN)) == "broadcast-over"
    assert code_of(lambda: station.desk.cancel(BroadcastId("b-none"), ADMIN)) == "unknown-broadcast"


def test_the_day_is_the_places_own(station: World) -> None:
    """05:00 on the 8th in Vietnam is the 7th in UTC: the page of the 8th shows it."""
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    assert [line.id for line in station.desk.day(TOMORROW, ADMIN)] == [broadcast]
    assert station.desk.day(None, ADMIN) == ()
    assert [line.id for line in station.desk.day(TOMORROW, ADMIN, DISTRICT)] == [broadcast]
    assert station.desk.day(TOMORROW, ADMIN, COMMUNE) == ()


def test_a_test_tone_needs_the_speaker(station: World) -> None:
    speaker = station.add_speaker("s-1")
    assert code_of(lambda: station.desk.test_tone(speaker, ADMIN)) == "speaker-offline"
    assert code_of(lambda: station.desk.test_tone(SpeakerId("s-none"), ADMIN)) == "unknown-speaker"
    assert code_of(lambda: station.desk.clip_file(ClipId("0" * 64), ADMIN)) == "unknown-clip"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize("kind", [WhenKind.ONCE, WhenKind.DAILY])
def test_years_that_no_calendar_of_ours_has(station: World, day: date, kind: WhenKind) -> None:
    station.add_speaker("s-1")
    with pytest.raises(Refusal) as refused:
        station.schedule(When(kind, day, time(5, 0)))
    assert refused.value.code == "bad-time"
    assert station.desk.day(day, ADMIN) == ()


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
def test_characters_that_nobody_can_keep(station: World, bad: str) -> None:
    for new, text, field in ((NewBulletin(bad), "x", "title"), (NewBulletin("A"), bad, "text")):
        with pytest.raises(Refusal) as refused:
            station.desk.bulletin_from_text(new, text, ADMIN)
        assert (refused.value.code, refused.value.field) == ("bad-character", field)
