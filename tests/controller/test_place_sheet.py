"""Areas from CSV and XLSX: what is understood, what is refused by row and column, and what no file may do."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.desk.place_sheet import PlaceSheet, Table
from controller.desk.refusal import Refusal
from controller.desk.sheets import FORMULA, MAX_ROWS, read_csv, read_file, write_csv
from controller.desk.values import Person
from controller.locality import atlas
from controller.rights import Grant, Role
from schedules.units import AreaId
from tests.controller.world import ADMIN, DISTRICT, TOWN, ZONE, World

TODAY = date(2026, 12, 7)
HEAD = "Mã;Loại;Tên;Thuộc;Từ ngày\n"


def xlsx(*lines: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(station: World, data: bytes | str, under: AreaId | None = DISTRICT, by: Person = ADMIN) -> Table:
    rows = read_csv(data) if isinstance(data, str) else read_file(data)
    return PlaceSheet(station.room).read(rows, under, TODAY, by)


def faults(table: Table) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, str(fault.refusal)) for fault in table.faults]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(";", ",").encode(),
        lambda text: text.replace(";", "\t").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
)
def test_however_it_is_written(station: World, encode: Callable[[str], bytes]) -> None:
    text = HEAD + "70001;xã;Mới;;01/01/2027\n;thôn;Đông;70001;01.01.2027\n\n;thôn;Tây;xã Mới;2027-02-01\n"
    table = read(station, encode(text))
    assert faults(table) == []
    assert [(each.row, each.area.full_name, each.parent, each.area.valid_from) for each in table.lines] == [
        (2, "xã Mới", "huyện Đầm Hà", date(2027, 1, 1)),
        (3, "thôn Đông", "xã Mới", date(2027, 1, 1)),
        (5, "thôn Tây", "xã Mới", date(2027, 2, 1)),
    ]


def test_a_workbook_is_read_as_its_cells_are_kept(station: World) -> None:
    table = read(station, xlsx(("Mã", "Tên", "Từ ngày"), ("70001", "Mới", date(2027, 1, 1)), (6895, "Sai", None)))
    assert [(each.area.code, each.area.valid_from) for each in table.lines] == [("70001", date(2027, 1, 1))]
    assert faults(table) == [
        (3, "A", "Mã được lưu dạng số nên mất số 0 ở đầu. Hãy định dạng cột là văn bản."),
    ]


def test_what_is_there_is_renamed_or_left(station: World) -> None:
    table = read(station, HEAD + "06895;thị trấn;Đầm Hà;;\n06898;phường;Quảng Lâm;;\n06901;xã;Quảng An;06895;\n")
    assert [(each.deed, each.area.full_name) for each in table.lines] == [
        ("same", "thị trấn Đầm Hà"),
        ("rename", "phường Quảng Lâm"),
    ]
    assert faults(table)[0][:2] == (4, "D")
    assert "đang nằm trong huyện Đầm Hà" in faults(table)[0][2]


def test_every_fault_has_its_row_and_column(station: World) -> None:
    text = HEAD + (
        "1;xã;=HYPERLINK(1);;\n2;xã;Mới;không có;\n3;xã;;;\n4;xã;Bốn;;31/02/2027\n5;xã;Năm;;\n5;xã;Sáu;;\n-6;xã;Bảy;;\n"
    )
    assert [(row, column) for row, column, _ in faults(read(station, text))] == [
        (2, "C"), (3, "D"), (4, "C"), (5, "E"), (7, "A"), (8, "A"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "không có dòng nào"),
        ("Tên\n", "Dưới dòng tiêu đề không có dòng nào"),
        ("Mã;Loại\n1;xã\n", "Thiếu cột Tên"),
        ("Tên;Lương\nA;1\n", "Không hiểu tiêu đề cột “Lương”"),
        ("Tên;Tên\nA;B\n", "Không hiểu tiêu đề cột “Tên”"),
        ("Tên;Từ ngày;Thuộc\nMới;2027-01-01;\nTrong;;Mới\n", "Trong nằm trong Mới, mà Mới không còn hoặc chưa có"),
        ("Loại;Tên\nxã;Đầm Hà\n", "hai địa bàn cùng tên xã Đầm Hà"),
    ],
)
def test_the_table_as_a_whole(station: World, text: str, sentence: str) -> None:
    assert sentence in faults(read(station, text))[0][2]


def test_all_of_it_or_nothing(station: World) -> None:
    sheet = PlaceSheet(station.room)
    with pytest.raises(Refusal, match="Bảng còn lỗi"):
        sheet.keep(read_csv(HEAD + "1;xã;Một;;\n2;xã;Hai;nowhere;\n"), DISTRICT, TODAY, ADMIN)
    with station.store.read() as unit:
        assert len(atlas(unit, ZONE).areas) == 10
    sheet.keep(read_csv(HEAD + "1;xã;Một;;\n2;thôn;Hai;1;\n06898;phường;Quảng Lâm;;\n"), DISTRICT, TODAY, ADMIN)
    with station.store.read() as unit:
        tree = atlas(unit, ZONE).tree(station.now)
    assert {"xã Một", "thôn Hai", "phường Quảng Lâm"} <= {each.full_name for each in tree.areas.values()}


def test_what_is_exported_can_be_imported_and_changes_nothing(station: World) -> None:
    exported = PlaceSheet(station.room).export(TODAY, ADMIN)
    without_root = "\r\n".join(line for line in exported.split("\r\n") if "huyện" not in line.split(",")[1:2])
    table = read(station, without_root)
    assert faults(table) == []
    assert {each.deed for each in table.lines} == {"same"}
    assert len(table.lines) == 9


def test_a_table_reaches_only_where_its_person_may_arrange(station: World) -> None:
    keeper = Person("u-2", "lan", "Lan", False, (Grant(Role.ADMINISTRATOR, TOWN),))
    assert faults(read(station, HEAD + ";khu phố;Một;06895;\n", TOWN, keeper)) == []
    for text, under in (
        (HEAD + ";thôn;Một;06898;\n", TOWN),
        (HEAD + ";xã;Một;;\n", None),
        (HEAD + "06898;x;Y;;\n", TOWN),
    ):
        with pytest.raises(Refusal) as refused:
            read(station, text, under, keeper)
        assert refused.value.status == 403


def bomb(entry: bytes) -> bytes:
    out = io.BytesIO(xlsx(("Tên",), ("A",)))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/extra.xml", entry)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04 not a workbook", "Không đọc được tệp XLSX"),
        (bomb(b"\0" * 60_000_000), "Không đọc được tệp XLSX"),
        (bomb(b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'), "Không đọc được tệp XLSX"),
        ("Tên\nĐầm Hà\n".encode("cp1258", "replace"), "Không đọc được chữ trong tệp"),
        (b"T\0n\n", "Không đọc được chữ trong tệp"),
        (b'T\xc3\xaan\n"A\n', "Tệp CSV hỏng ở dòng"),
        (b"x" * 1_500_001, "Tệp lớn hơn"),
        (b"T\n" * (MAX_ROWS + 5), "Tệp có hơn"),
        (b"x" * 501, "Dòng 1 quá dài"),
        (b"a;" * 40 + b"b", "Dòng 1 quá dài"),
    ],
)
def test_what_no_file_may_be(data: bytes, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        read_file(data)


def test_a_formula_in_a_workbook_is_not_evaluated(station: World) -> None:
    table = read(station, xlsx(("Tên", "Loại"), ("=1+1", "xã"), ("Hai", "=CONCATENATE(1)")))
    assert [(row, column) for row, column, _ in faults(table)] == [(2, "A"), (3, "B")]


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=5))
def test_no_exported_cell_begins_like_a_formula(lines: list[list[str]]) -> None:
    written = list(csv.reader(io.StringIO(write_csv(lines), newline="")))
    assert [[cell.removeprefix("'") for cell in line] for line in written] == [
        [cell.removeprefix("'") for cell in line] for line in lines
    ]
    assert not any(cell.startswith(FORMULA) for line in written for cell in line)
