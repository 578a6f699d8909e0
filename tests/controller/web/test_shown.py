"""How values are written: local times whatever the machine's zone, Vietnamese commas, bars without gaps."""

import time
from datetime import UTC, datetime

import pytest

from controller.web import bars, forms, shown
from schedules.states import PlaybackState

HCM = "Asia/Ho_Chi_Minh"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_machines_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        assert shown.when(ms("2026-12-31T17:30:00+00:00"), HCM) == "00:30 Thứ Sáu, 01/01/2027"
        assert shown.clock(ms("2026-11-23T10:00:05+00:00"), HCM) == "17:00:05"
        assert shown.iso(ms("2028-02-29T01:00:00+07:00"), HCM) == "2028-02-29T01:00:00+07:00"
        assert shown.clock(ms("2026-10-25T01:30:00+00:00"), "Europe/Berlin") == "02:30"
        assert shown.clock(ms("2026-10-25T00:30:00+00:00"), "Europe/Berlin") == "02:30"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_numbers() -> None:
    assert shown.duration(45_400) == "45 giây"
    assert shown.duration(185_000) == "3 phút 05 giây"
    assert shown.duration(3_725_000) == "1 giờ 02 phút"
    assert shown.start_error(-412) == "-0,4 ms"
    assert shown.start_error(-12) == shown.start_error(0) == "0,0 ms"
    assert shown.start_error(1_250_000) == "+1250,0 ms"
    assert [shown.size(octets) for octets in (1, 44_600, 1_240_000)] == ["1 kB", "45 kB", "1,2 MB"]
    assert shown.level(-2310) == "-23,1 dBFS"
    assert [shown.level_bar(cdb) for cdb in (-12_000, -6000, -3000, 0, 300)] == [0, 0, 50, 100, 100]
    assert shown.moment(datetime(2026, 11, 23, 5, 0, tzinfo=UTC)) == "05:00 Thứ Hai, 23/11/2026"


def test_a_bar_has_no_gaps() -> None:
    counts = [(PlaybackState.READY, 3), (PlaybackState.PENDING, 3), (PlaybackState.READY, 1), (PlaybackState.MISSED, 0)]
    pieces = bars.states_bar(counts)
    assert [(piece.state, piece.count) for piece in pieces] == [(PlaybackState.PENDING, 3), (PlaybackState.READY, 4)]
    assert pieces[0].x == 0
    assert pieces[0].width == pieces[1].x
    assert pieces[1].x + pieces[1].width == 1000
    assert bars.states_bar([]) == ()


@pytest.mark.parametrize("text", ["24:00", "7:00", "17:60", "17", "17:00:60", "17h00", "", "17:00\n", "１７:00"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(Exception, match="Giờ phát chưa đúng"):
        forms.read_time(text)


def test_seconds_are_allowed() -> None:
    assert forms.read_time("17:00:05").second == 5
