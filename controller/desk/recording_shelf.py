"""The library of recordings: found by words, kind, tag and language; what each is, who uses it; and changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from controller.desk.composing import MAX_TITLE, check_characters
from controller.desk.part_checks import Shelf, is_expired
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.scope import scope_of
from controller.desk.sight import sees_bulletin
from controller.desk.values import Person
from controller.folding import wanted
from controller.language import n_
from controller.rights import Operation, may
from controller.store.shelf import Shelves, Uses
from controller.store.unit import Unit
from controller.store.values import Recording, RecordingKind
from controller.tongues import TONGUES
from schedules.units import RecordingId
from schedules.wall import from_utc_ms

MOST_TAGS, MAX_TAG = 20, 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" and None narrow nothing."""

    words: str = ""
    kind: RecordingKind | None = None
    tag: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording with its use; `expired`: it is offered no more."""

    recording: Recording
    uses: Uses
    expired: bool


@dataclass(frozen=True, slots=True)
class FoundRecordings:
    """Some of those that were found, of `total`; all tags that the person can choose."""

    recordings: tuple[Shown, ...]
    total: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """What may be said about a recording beside its bytes."""

    title: str
    kind: RecordingKind
    tags: tuple[str, ...]
    language: str
    expires: date | None


class RecordingShelf:
    def __init__(self, room: Room) -> None:
        self._room = room

    def find(self, by: Person, asked: Wanted, *, skip: int = 0, most: int = 20) -> FoundRecordings:
        """The newest first."""
        with self._room.store.read() as unit:
            shelf = self._shelf(unit, by)
            seen = [each for each in unit.recordings.found(wanted(asked.words)) if shelf.may_use(each.id)]
            tags = sorted({tag for each in seen for tag in each.tags})
            found = [each for each in seen if _fits(each, asked)]
            uses = Shelves(unit.connection).uses()
            shown = [
                Shown(each, self._seen_uses(unit, by, uses.get(each.id, Uses())), is_expired(each, shelf.today))
                for each in found[skip : skip + most]
            ]
            return FoundRecordings(tuple(shown), len(found), tuple(tags))

    def view(self, recording: RecordingId, by: Person) -> tuple[Shown, bool]:
        """The recording, and whether the person may change what is said of it."""
        with self._room.store.read() as unit:
            shelf = self._shelf(unit, by)
            found = self._known(unit, shelf, recording)
            uses = self._seen_uses(unit, by, Shelves(unit.connection).uses().get(recording, Uses()))
            return Shown(found, uses, is_expired(found, shelf.today)), self._keeps(unit, by, found)

    def change(self, recording: RecordingId, details: Details, by: Person) -> None:
        """Say something else about it; its bytes never change."""
        _check(details)
        with self._room.store.write() as unit:
            found = self._known(unit, self._shelf(unit, by), recording)
            if not self._keeps(unit, by, found):
                raise forbidden()
            said = replace(
                found,
                title=details.title.strip(),
                kind=details.kind,
                tags=details.tags,
                language=details.language,
                expires=details.expires,
            )
            if said == found:
                return
            unit.recordings.put(said)
            self._room.record(unit, by, "recording.change", f"recording:{recording}", _told(found), _told(said))
            unit.changed("recordings")

    def _known(self, unit: Unit, shelf: Shelf, recording: RecordingId) -> Recording:
        found = unit.recordings.get(recording)
        if found is None:
            raise Refusal("unknown-recording", n_("Không có bản ghi này. Hãy chọn lại trong thư viện."), status=404)
        if not shelf.may_use(recording):
            raise forbidden()
        return found

    def _shelf(self, unit: Unit, by: Person) -> Shelf:
        today = from_utc_ms(self._room.now(), self._room.zone).date()
        return Shelf(unit, scope_of(by, self._room.places(unit)), by, today)

    def _keeps(self, unit: Unit, by: Person, recording: Recording) -> bool:
        """Who handed it in, or may compose in all places it was handed in for."""
        holders = unit.recordings.holders(recording.id)
        if any(who == by.username for _, who in holders):
            return True
        areas = [area for area, _ in holders if area is not None]
        return may(by.grants, Operation.COMPOSE, areas, self._room.tree(unit))

    def _seen_uses(self, unit: Unit, by: Person, uses: Uses) -> Uses:
        """Only bulletins that the person may see."""
        scope = scope_of(by, self._room.places(unit))
        seen = [
            each
            for each in uses.bulletins
            if (known := unit.bulletins.get(each[0])) is not None and sees_bulletin(unit, scope, by, known)
        ]
        return replace(uses, bulletins=tuple(seen))


def read_tags(text: str) -> tuple[str, ...]:
    """Of "chiều, thể thao": without those that are there twice."""
    return tuple(dict.fromkeys(tag for each in text.split(",") if (tag := " ".join(each.split()))))


def _fits(recording: Recording, asked: Wanted) -> bool:
    return (
        asked.kind in (None, recording.kind)
        and (not asked.tag or asked.tag in recording.tags)
        and asked.language in ("", recording.language)
    )


def _check(details: Details) -> None:
    for name, texts in (("title", [details.title]), ("tags", details.tags), ("language", [details.language])):
        for text in texts:
            check_characters(text, name)
    if not details.title.strip() or len(details.title) > MAX_TITLE:
        raise Refusal(
            "bad-recording-title",
            n_("Hãy đặt tên cho bản ghi, không quá %(limit)s ký tự."),
            field="title",
            params={"limit": MAX_TITLE},
        )
    if len(details.tags) > MOST_TAGS or any(len(tag) > MAX_TAG for tag in details.tags):
        raise Refusal("bad-tags", n_("Có quá nhiều nhãn, hoặc một nhãn quá dài. Hãy bớt lại."), field="tags")
    if details.language and details.language not in TONGUES:
        raise Refusal("bad-language", n_("Không có ngôn ngữ này trong danh sách. Hãy chọn lại."), field="language")


def _told(recording: Recording) -> dict[str, object]:
    expires = {"expires": recording.expires.isoformat()} if recording.expires else {}
    tags: Sequence[str] = list(recording.tags)
    kind = recording.kind.value
    return {"title": recording.title, "kind": kind, "tags": tags, "language": recording.language, **expires}
