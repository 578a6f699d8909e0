"""The readings of stations: whose hold where, who may keep them, and that made sound stays as it is."""

from datetime import date

import pytest

from controller.desk.places import Places
from controller.desk.readings import ReadingTable
from controller.desk.reforms import Merge
from controller.desk.refusal import Refusal
from controller.desk.values import NewBulletin
from controller.rights import Role
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, World


def read(world: World, text: str, area: object = TOWN) -> str:
    return ReadingTable(world.room).preview(text, ADMIN, area).spoken.text  # type: ignore[arg-type]


def test_a_reading_holds_in_its_area_and_below_until_one_nearer_replaces_it(station: World) -> None:
    table = ReadingTable(station.room)
    table.remember(DISTRICT, "KDTM", "khu du lịch tuần mã", ADMIN)
    assert read(station, "họp ở KDTM") == "họp ở khu du lịch tuần mã"
    table.remember(TOWN, "KDTM", "khu dịch vụ tuần mã", ADMIN)
    assert read(station, "họp ở KDTM") == "họp ở khu dịch vụ tuần mã"
    assert read(station, "họp ở KDTM", COMMUNE) == "họp ở khu du lịch tuần mã"
    lines = {line.reading.written: (line.reading.read, line.own) for line in table.of(TOWN, ADMIN)}
    assert lines == {"KDTM": ("khu dịch vụ tuần mã", True)}
    table.forget(TOWN, "KDTM", ADMIN)
    assert read(station, "họp ở KDTM") == "họp ở khu du lịch tuần mã"
    assert [line.own for line in table.of(TOWN, ADMIN)] == [False]


def test_a_station_replaces_a_reading_of_the_program(station: World) -> None:
    table = ReadingTable(station.room)
    assert read(station, "TTVH xã") == "trung tâm văn hóa xã"
    table.remember(TOWN, "TTVH", "truyền thông văn hóa", ADMIN)
    assert read(station, "TTVH xã") == "truyền thông văn hóa xã"
    assert table.of(TOWN, ADMIN)[0].replaces == "trung tâm văn hóa"


def test_what_became_of_an_area_reads_on_as_it_did(station: World) -> None:
    table = ReadingTable(station.room)
    table.remember(COMMUNE, "QZX", "quê xa", ADMIN)
    Places(station.room).carry_out(Merge((COMMUNE,), TOWN, date(2026, 12, 7)), ADMIN)
    assert read(station, "QZX") == "quê xa"
    table.remember(TOWN, "QZX", "quê gần", ADMIN)
    assert read(station, "QZX") == "quê gần"


def test_who_may_compose_in_a_place_keeps_its_readings_and_no_others(station: World) -> None:
    table = ReadingTable(station.room)
    editor, viewer = station.person(Role.EDITOR, COMMUNE), station.person(Role.VIEWER, COMMUNE)
    assert table.keeps(None, editor) == COMMUNE
    assert table.remember(COMMUNE, "QZX", "quê xa", editor).made_by == editor.username
    for who, area in ((editor, TOWN), (editor, DISTRICT), (viewer, COMMUNE)):
        with pytest.raises(Refusal) as refused:
            table.remember(area, "QZX", "quê xa", who)
        assert refused.value.status == 403
    with pytest.raises(Refusal) as refused:
        table.of(TOWN, editor)
    assert refused.value.status == 403
    assert table.of(COMMUNE, viewer)


def test_it_is_written_into_the_audit_once(station: World) -> None:
    table = ReadingTable(station.room)
    for _ in range(2):
        table.remember(TOWN, "QZX", "quê xa", ADMIN)
    table.remember(TOWN, "QZX", "quê xa nhà", ADMIN)
    table.forget(TOWN, "QZX", ADMIN)
    with station.store.read() as unit:
        rows = [row for row in unit.audit.walk() if row.action.startswith("reading.")]
    first, second = '{"read":"quê xa","written":"QZX"}', '{"read":"quê xa nhà","written":"QZX"}'
    assert [(row.action, row.before, row.after) for row in rows] == [
        ("reading.remember", "", first),
        ("reading.remember", first, second),
        ("reading.forget", second, ""),
    ]
    assert {row.subject for row in rows} == {f"area:{TOWN}"}


@pytest.mark.parametrize(
    ("written", "read_as", "field"),
    [
        ("", "a", "written"),
        ("xã", "xã nhà", "written"),
        ("A" * 99, "a", "written"),
        ("QZX", "", "read"),
        ("QZX", "quê 9", "read"),
        ("QZX", "XYZ", "read"),
        ("Q\0", "quê", "written"),
    ],
)
def test_what_is_no_reading_is_refused_with_a_sentence(station: World, written: str, read_as: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        ReadingTable(station.room).remember(TOWN, written, read_as, ADMIN)
    assert (refused.value.status, refused.value.field) == (422, field)
    assert not ReadingTable(station.room).of(TOWN, ADMIN)


def test_what_is_not_there_is_said_to_be_so(station: World) -> None:
    table = ReadingTable(station.room)
    with pytest.raises(Refusal) as refused:
        table.forget(TOWN, "QZX", ADMIN)
    assert refused.value.code == "unknown-reading"
    for area in ("nowhere", ""):
        with pytest.raises(Refusal) as refused:
            table.remember(area, "QZX", "quê xa", ADMIN)  # type: ignore[arg-type]
        assert refused.value.code == "unknown-area"


def test_a_new_bulletin_is_read_so_and_one_that_is_made_stays_as_it_is(station: World) -> None:
    def made() -> str:
        about = NewBulletin("Họp", area=TOWN)
        bulletin = station.desk.bulletin_from_text(about, "QZX họp", ADMIN)
        return station.desk.bulletin(bulletin, ADMIN).spoken

    before = station.desk.bulletin_from_text(NewBulletin("Họp", area=TOWN), "QZX họp", ADMIN)
    ReadingTable(station.room).remember(TOWN, "QZX", "quê xa", ADMIN)
    assert station.desk.bulletin(before, ADMIN).spoken == "quy dét ích họp"
    assert made() == "quê xa họp"


def test_a_text_in_an_old_encoding_is_not_taken(station: World) -> None:
    with pytest.raises(Refusal) as refused:
        station.desk.bulletin_from_text(NewBulletin("Họp"), "ñy ban nh©n d©n x· th«ng b¸o", ADMIN)
    assert (refused.value.code, refused.value.field) == ("legacy-text", "text")
