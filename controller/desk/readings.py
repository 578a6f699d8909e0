"""Cách đọc: how a station reads what is written so, beside the tables that come with the program."""

from collections.abc import Container
from dataclasses import dataclass

from audio.speech.legacy import Legacy, legacy
from audio.speech.lexicon import table
from audio.speech.normalise import Spoken, spoken
from audio.speech.readings import MOST_READ, MOST_WRITTEN, Readings, Wrong, tidy, wrong
from controller.desk.composing import check_characters, check_length
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.scope import AreaChoice, area_choices
from controller.desk.sight import home_of
from controller.desk.values import Person
from controller.language import n_
from controller.own_readings import own_readings, readings_in
from controller.rights import Operation, may
from controller.store.readings import Reading
from schedules.units import AreaId

MOST = 2_000
"""Of one area."""

_WHY: dict[Wrong, tuple[str, str]] = {
    Wrong.WRITTEN_EMPTY: ("written", n_("Hãy ghi chữ viết tắt, tên hoặc cụm cần đọc, bắt đầu bằng chữ hoặc số.")),
    Wrong.WRITTEN_LONG: ("written", n_("Chữ viết dài hơn %(written)s ký tự. Hãy ghi riêng phần cần đọc khác.")),
    Wrong.WRITTEN_PLAIN: (
        "written",
        n_("Đây là chữ tiếng Việt thường, máy đọc đúng như viết. Chỉ nhớ chữ viết tắt, số hoặc tên nước ngoài."),
    ),
    Wrong.READ_EMPTY: ("read", n_("Hãy ghi cách đọc, ví dụ: ủy ban nhân dân.")),
    Wrong.READ_LONG: ("read", n_("Cách đọc dài hơn %(read)s ký tự. Hãy rút gọn.")),
    Wrong.READ_NOT_WORDS: (
        "read",
        n_("Cách đọc phải viết bằng chữ tiếng Việt như khi nói, không số, không viết tắt. Ví dụ: oai phai."),
    ),
}


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """A reading as it holds in the area asked for; `own` when it is that area's, else `area_name` says whose it is.
    `replaces`: how the program reads it without this line, "" when it has no reading of its own."""

    reading: Reading
    own: bool
    area_name: str
    replaces: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as it will be read, and what it is in Unicode when it was typed in an old encoding."""

    spoken: Spoken
    legacy: Legacy | None


class ReadingTable:
    def __init__(self, room: Room) -> None:
        self._room = room

    def keeps(self, area: AreaId | None, by: Person) -> AreaId | None:
        """The area for which they may keep a reading of a bulletin of `area`: that, or their own first one."""
        with self._room.store.read() as unit:
            places = self._room.places(unit)
            own = home_of(by, places, None)
            if area is None or area not in places.tree.areas:
                return own
            return area if may(by.grants, Operation.COMPOSE, (area,), places.tree) else own

    def choices(self, by: Person) -> tuple[AreaChoice, ...]:
        """The areas whose tables they may see."""
        with self._room.store.read() as unit:
            return area_choices(by, self._room.tree(unit))

    def may_keep(self, area: AreaId, by: Person) -> bool:
        with self._room.store.read() as unit:
            return may(by.grants, Operation.COMPOSE, (area,), self._room.tree(unit))

    def of(self, area: AreaId, by: Person) -> tuple[ReadingLine, ...]:
        """What holds in the area, its own first, by what is written."""
        with self._room.store.read() as unit:
            self._room.require(unit, by, Operation.SEE, area)
            places = self._room.places(unit)
            self._known(area, places.tree.areas)
            found = readings_in(unit, places, area).values()
            names = {
                each.area: places.tree.area(each.area).full_name for each in found if each.area in places.tree.areas
            }
        lines = [
            ReadingLine(each, each.area == area, names.get(each.area, ""), built_in(each.written)) for each in found
        ]
        return tuple(sorted(lines, key=lambda line: (not line.own, line.reading.written.lower())))

    def preview(self, text: str, by: Person, area: AreaId | None = None) -> Preview:
        """`text` as a bulletin of `area` (of one's own, when None) will be read."""
        check_length(text)
        with self._room.store.read() as unit:
            places = self._room.places(unit)
            readings = own_readings(unit, places, area or home_of(by, places, None))
        return Preview(spoken(text, readings), legacy(text))

    def try_out(self, area: AreaId, written: str, read: str, sample: str, by: Person) -> Spoken:
        """How `sample` (what is written alone, when it is empty) would be read with it; nothing is kept."""
        written, read = _checked(written, read)
        check_characters(sample, "sample")
        check_length(sample)
        with self._room.store.read() as unit:
            self._room.require(unit, by, Operation.COMPOSE, area)
            held = own_readings(unit, self._room.places(unit), area)
        return spoken(sample.strip() or written, Readings({**held.table, written: read}))

    def remember(self, area: AreaId, written: str, read: str, by: Person) -> Reading:
        """From now on `written` is read `read` in the area and below. Sound that is made stays as it is."""
        written, read = _checked(written, read)
        with self._room.store.write() as unit:
            self._room.require(unit, by, Operation.COMPOSE, area)
            self._known(area, self._room.tree(unit).areas)
            before = unit.readings.get(area, written)
            if before is None and sum(each.area == area for each in unit.readings.all()) >= MOST:
                raise Refusal(
                    "too-many-readings",
                    n_("Địa bàn này đã nhớ %(limit)s cách đọc. Hãy bỏ bớt những cách không còn dùng."),
                    status=409,
                    params={"limit": MOST},
                )
            reading = Reading(area, written, read, self._room.now(), by.username)
            if before is None or before.read != read:
                unit.readings.put(reading)
                self._room.record(unit, by, "reading.remember", f"area:{area}", _told(before), _told(reading))
        return reading

    def forget(self, area: AreaId, written: str, by: Person) -> None:
        with self._room.store.write() as unit:
            self._room.require(unit, by, Operation.COMPOSE, area)
            before = unit.readings.get(area, tidy(written, "")[0])
            if before is None:
                raise Refusal("unknown-reading", n_("Không có cách đọc này. Hãy tải lại trang."), status=404)
            unit.readings.drop(area, before.written)
            self._room.record(unit, by, "reading.forget", f"area:{area}", _told(before), None)

    @staticmethod
    def _known(area: AreaId, areas: Container[AreaId]) -> None:
        if area not in areas:
            raise Refusal("unknown-area", n_("Không có địa bàn này. Hãy chọn lại."), status=404)


def built_in(written: str) -> str:
    """How the program's own tables read it; "" when they do not have it."""
    return table("general").get(written) or table("foreign").get(written.lower(), "")


def _checked(written: str, read: str) -> tuple[str, str]:
    check_characters(written, "written")
    check_characters(read, "read")
    # Before any work: a field takes what a person types, not a book.
    written, read = tidy(written[: MOST_WRITTEN * 10], read[: MOST_READ * 10])
    why = wrong(written, read)
    if why is not None:
        field, sentence = _WHY[why]
        raise Refusal("bad-reading", sentence, field=field, params={"written": MOST_WRITTEN, "read": MOST_READ})
    return written, read


def _told(reading: Reading | None) -> dict[str, object] | None:
    return None if reading is None else {"written": reading.written, "read": reading.read}
