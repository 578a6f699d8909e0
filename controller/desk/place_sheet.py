"""Areas from a table: read row by row, everything wrong named by row and column, kept all together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from controller.desk.place_checks import TROUBLES, check_name, checked_day, trouble_words
from controller.desk.places import Places
from controller.desk.reforms import Decision, Named
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.sheets import Cell, Row, write_csv
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.locality import Atlas, atlas, day_start
from controller.rearrange import Rearranged
from controller.rights import Operation
from schedules import reform
from schedules.areas import AreaTree
from schedules.model import Area
from schedules.reform import BadReform
from schedules.units import AreaId

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("mã", "mã địa bàn", "code"),
    "kind": ("loại", "cấp", "kind"),
    "name": ("tên", "tên địa bàn", "name"),
    "parent": ("thuộc", "nằm trong", "mã cấp trên", "cấp trên", "parent"),
    "from": ("từ ngày", "ngày bắt đầu", "from"),
}
"""Headings of a table, as people write them."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEADER = ("Mã", "Loại", "Tên", "Thuộc", "Từ ngày")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell; `column` "" for the whole row, `row` 0 for the whole table."""

    row: int
    column: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is understood: a new area, or one that is there and gets another name, or stays as it is."""

    row: int
    area: Area
    deed: str
    """`new`, `rename` or `same`."""
    parent: str


@dataclass(frozen=True, slots=True)
class Table:
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


class PlaceSheet:
    def __init__(self, room: Room) -> None:
        self._room = room

    def read(self, rows: Sequence[Row], under: AreaId | None, day: date, by: Person) -> Table:
        """What the table means; nothing is stored. `under` and `day` hold where a row says nothing itself."""
        with self._room.store.read() as unit:
            places = atlas(unit, self._room.zone)
            return self._read(places, rows, under, day, by)[0]

    def keep(self, rows: Sequence[Row], under: AreaId | None, day: date, by: Person) -> Rearranged:
        """Store all of it; raises Refusal when anything is wrong, and then nothing has changed."""
        with self._room.store.write() as unit:
            places = atlas(unit, self._room.zone)
            table, periods = self._read(places, rows, under, day, by)
            if table.faults or not table.lines:
                raise Refusal("faulty-table", n_("Bảng còn lỗi. Hãy sửa các dòng được nêu rồi xem lại."), field="file")
            decision = Decision(periods, places.members)
            desk = Places(self._room)
            return desk.keep(unit, places, decision, by, "area.import", f"area:{under or ''}")

    def export(self, day: date, by: Person) -> str:
        """The areas of `day` that `by` sees, in the columns that `read` takes."""
        desk = Places(self._room)
        flat = [area for _, area in desk.forest(day, by).flat]
        names = {area.id: area.code or area.full_name for area in flat}
        lines = [
            (area.code, area.kind, area.name, names.get(area.parent or AreaId(""), ""), area.valid_from.isoformat())
            for area in flat
        ]
        return write_csv([HEADER, *lines])

    def _read(
        self, places: Atlas, rows: Sequence[Row], under: AreaId | None, day: date, by: Person
    ) -> tuple[Table, reform.Periods]:
        desk = Places(self._room)
        checked_day(day)
        reader = _Reader(places, places.tree(day_start(day, places.zone)), under, day)
        reader.read(rows)
        desk.require(places, by, Operation.ARRANGE, reader.concerned())
        if reader.faults:
            return Table(tuple(reader.lines), tuple(reader.faults)), places.areas
        try:
            return Table(tuple(reader.lines), ()), reader.periods()
        except BadReform as bad:
            row = next((line.row for line in reader.lines if line.area.full_name == bad.area), 0)
            refusal = Refusal("bad-reform", TROUBLES[bad.trouble], params=trouble_words(places, bad))
            return Table(tuple(reader.lines), (Fault(row, "", refusal),)), places.areas


class _Reader:
    def __init__(self, places: Atlas, tree: AreaTree, under: AreaId | None, day: date) -> None:
        self._places, self._tree, self._under, self._day = places, tree, under, day
        self.lines: list[Line] = []
        self.faults: list[Fault] = []
        self._columns: dict[str, int] = {}
        self._by_code = {area.code: area for area in tree.areas.values() if area.code}
        self._by_name: dict[str, list[Area]] = {}
        for area in tree.areas.values():
            self._by_name.setdefault(area.full_name.casefold(), []).append(area)
        self._seen: dict[str, int] = {}

    def read(self, rows: Sequence[Row]) -> None:
        if not rows:
            self._fault(0, "", Refusal("empty-table", n_("Bảng không có dòng nào. Hãy chọn tệp khác.")))
            return
        if self._read_header(rows[0]):
            for row in rows[1:]:
                self._read_row(row)
            if len(rows) == 1:
                self._fault(0, "", Refusal("empty-table", n_("Dưới dòng tiêu đề không có dòng nào.")))

    def periods(self) -> reform.Periods:
        """All periods with what the table adds; raises BadReform."""
        areas = (*self._places.areas, *(line.area for line in self.lines if line.deed == "new"))
        for line in self.lines:
            if line.deed == "rename":
                area = line.area
                areas = reform.altered(areas, area.id, self._day, name=area.name, kind=area.kind)
        days = [line.area.valid_from for line in self.lines if line.deed == "new"]
        return reform.proved(areas, min(days, default=self._day))

    def concerned(self) -> set[AreaId | None]:
        """The areas that get something new in them or another name; None: a new root."""
        new = {line.area.id for line in self.lines if line.deed == "new"}
        parents = {line.area.parent for line in self.lines if line.deed == "new"}
        return (parents - new) | {line.area.id for line in self.lines if line.deed == "rename"} or {self._under}

    def _fault(self, row: int, column: str, refusal: Refusal) -> None:
        self.faults.append(Fault(row, column, refusal))

    def _read_header(self, row: Row) -> bool:
        for index, cell in enumerate(row.cells):
            heading = cell.text.strip().casefold()
            name = next((name for name, words in COLUMNS.items() if heading in words), None)
            if name is None or name in self._columns:
                sentence = n_("Không hiểu tiêu đề cột “%(heading)s”. Các cột là: Mã, Loại, Tên, Thuộc, Từ ngày.")
                refusal = Refusal("unknown-column", sentence, params={"heading": cell.text[:40]})
                self._fault(row.number, LETTERS[index % 26], refusal)
            else:
                self._columns[name] = index
        if "name" not in self._columns:
            self._fault(row.number, "", Refusal("no-name-column", n_("Thiếu cột Tên ở dòng tiêu đề.")))
        return not self.faults

    def _cell(self, row: Row, name: str) -> Cell:
        index = self._columns.get(name)
        return row.cells[index] if index is not None and index < len(row.cells) else Cell("")

    def _letter(self, name: str) -> str:
        return LETTERS[self._columns[name] % 26] if name in self._columns else ""

    def _read_row(self, row: Row) -> None:
        before = len(self.faults)
        for index, cell in enumerate(row.cells):
            if cell.formula:
                sentence = n_("Ô này là công thức hoặc bắt đầu bằng = + - @. Hãy ghi giá trị thường.")
                self._fault(row.number, LETTERS[index % 26], Refusal("formula", sentence))
        if len(self.faults) > before:
            return
        named = self._named(row)
        parent, day = self._parent(row), self._from(row)
        if named is not None and len(self.faults) == before and day is not None:
            self._take(row, named, parent, day)

    def _named(self, row: Row) -> Named | None:
        code = self._cell(row, "code")
        if code.number and len(code.text) < 5:
            sentence = n_("Mã được lưu dạng số nên mất số 0 ở đầu. Hãy định dạng cột là văn bản.")
            self._fault(row.number, self._letter("code"), Refusal("code-is-number", sentence))
            return None
        named = Named(self._cell(row, "name").text, self._cell(row, "kind").text, code.text)
        try:
            check_name(named)
        except Refusal as refusal:
            self._fault(row.number, self._letter(refusal.field), refusal)
            return None
        return named

    def _parent(self, row: Row) -> AreaId | None:
        """Where it lies: by code, else by full name, among the areas of the day and the rows above."""
        written = self._cell(row, "parent").text
        if not written:
            return self._under
        if written in self._by_code:
            return self._by_code[written].id
        named = self._by_name.get(written.casefold(), [])
        if len(named) == 1:
            return named[0].id
        sentence = n_(
            "Không có địa bàn cấp trên “%(parent)s”. Hãy ghi mã hoặc tên đầy đủ, và đặt cấp trên ở dòng trên."
        )
        if len(named) > 1:
            sentence = n_("Có nhiều địa bàn tên “%(parent)s”. Hãy ghi mã của địa bàn cấp trên.")
        self._fault(row.number, self._letter("parent"), Refusal("unknown-parent", sentence, params={"parent": written}))
        return None

    def _from(self, row: Row) -> date | None:
        written = self._cell(row, "from").text
        if not written:
            return self._day
        for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
            try:
                return checked_day(datetime.strptime(written, form).date())
            except (ValueError, Refusal):
                continue
        sentence = n_("Không hiểu ngày “%(day)s”. Hãy ghi như 01/07/2025.")
        self._fault(row.number, self._letter("from"), Refusal("bad-day", sentence, params={"day": written[:40]}))
        return None

    def _take(self, row: Row, named: Named, parent: AreaId | None, day: date) -> None:
        if named.code and named.code in self._seen:
            sentence = n_("Mã %(code)s đã có ở dòng %(row)s.")
            params = {"code": named.code, "row": self._seen[named.code]}
            self._fault(row.number, self._letter("code"), Refusal("code-twice", sentence, params=params))
            return
        if named.code:
            self._seen[named.code] = row.number
        held = self._by_code.get(named.code)
        if held is not None and held.id in self._tree.areas:
            self._take_known(row, named, parent, held)
            return
        area = Area(AreaId(new_id("a")), parent, named.name.strip(), named.kind.strip(), day, code=named.code)
        self.lines.append(Line(row.number, area, "new", self._name_of(parent)))
        self._by_name.setdefault(area.full_name.casefold(), []).append(area)
        if area.code:
            self._by_code[area.code] = area

    def _take_known(self, row: Row, named: Named, parent: AreaId | None, held: Area) -> None:
        if self._cell(row, "parent").text and parent != held.parent:
            sentence = n_("%(area)s đang nằm trong %(parent)s. Hãy dùng “Chuyển sang cấp trên khác” để chuyển.")
            params = {"area": held.full_name, "parent": self._name_of(held.parent) or "–"}
            self._fault(row.number, self._letter("parent"), Refusal("lies-elsewhere", sentence, params=params))
            return
        newer = replace(held, name=named.name.strip(), kind=named.kind.strip() or held.kind)
        deed = "same" if newer == held else "rename"
        self.lines.append(Line(row.number, newer, deed, self._name_of(held.parent)))

    def _name_of(self, area: AreaId | None) -> str:
        if area is None:
            return ""
        new = (line.area for line in self.lines if line.area.id == area)
        found = self._tree.areas.get(area) or next(new, None)
        return found.full_name if found else area
