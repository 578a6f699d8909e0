"""How a text will be read, beside its field: what is put in other words, what is not understood, and correcting it.

The same with and without a script: a button of the form names a step, and the answer is the preview or the page.
"""

from dataclasses import dataclass, replace

from audio.speech.normalise import Segment
from audio.speech.reader import Span
from audio.speech.rules import DROPPED, UNKNOWN
from controller.desk.readings import Preview, ReadingTable
from controller.desk.refusal import Refusal
from controller.web.services import Services
from controller.web.session import SignedIn
from schedules.units import AreaId

PREVIEW, UNICODE, REMEMBER = "preview", "unicode", "remember-"
"""The steps; the last is followed by the number of a line."""
MOST_LINES = 60
"""Of the readings offered for correction: what is not understood comes first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing written, how it is read now, and whether anybody has said so."""

    number: int
    written: str
    read: str
    unknown: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of remembering a reading: what was remembered, or what is wrong with which line."""

    told: str = ""
    sentence: str = ""
    line: int = -1


@dataclass(frozen=True, slots=True)
class Aloud:
    """What the preview shows. `lines` may be corrected in `area`, whose name stands beside; None: nowhere."""

    segments: tuple[Segment, ...]
    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    dropped: tuple[str, ...]
    encodings: tuple[str, ...]
    area: AreaId | None
    area_name: str
    outcome: Outcome

    @property
    def paragraphs(self) -> tuple[tuple[Segment, ...], ...]:
        """Those that have anything to read, as they are read; counted as the reader counts them."""
        found: list[list[Segment]] = [[]]
        for segment in self.segments:
            first, *further = segment.read.split("\n")
            found[-1].append(replace(segment, read=first))
            found += [[replace(segment, read=line)] for line in further]
        return tuple(tuple(each) for each in found if any(any(map(str.isalnum, part.read)) for part in each))


def is_step(step: str) -> bool:
    """Whether a form asks for the preview, in one of its ways, and not to be saved."""
    return step in (PREVIEW, UNICODE) or step.startswith(REMEMBER)


def take_step(here: Services, signed: SignedIn, fields: dict[str, str], area: AreaId | None = None) -> Aloud | None:
    """Do what the form's step says; `fields["text"]` may be changed by it. None: there is nothing to be read.

    `area` is the bulletin's; None: one's own."""
    step, table, outcome = fields.get("step", ""), ReadingTable(here.room), Outcome()
    if step == UNICODE:
        found = table.preview(fields.get("text", ""), signed.person).legacy
        fields["text"] = found.unicode if found else fields.get("text", "")
    elif step.startswith(REMEMBER):
        outcome = _remember(here, table, signed, fields, step.removeprefix(REMEMBER))
    text = fields.get("text", "")
    of = area or table.keeps(AreaId(fields.get("reading_area", "")), signed.person)
    return _aloud(table, signed, text, of, outcome) if text.strip() else None


def _remember(here: Services, table: ReadingTable, signed: SignedIn, fields: dict[str, str], number: str) -> Outcome:
    area = AreaId(fields.get("reading_area", ""))
    written, read = fields.get(f"written-{number}", ""), fields.get(f"read-{number}", "")
    try:
        kept = table.remember(area, written, read, signed.person)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return Outcome(sentence=here.pages.sentence(refusal), line=int(number) if number.isdecimal() else 0)
    return Outcome(told=kept.written)


def _aloud(table: ReadingTable, signed: SignedIn, text: str, of: AreaId | None, outcome: Outcome) -> Aloud:
    found, area = table.preview(text, signed.person, of), table.keeps(of, signed.person)
    names = {each.id: each.name for each in table.choices(signed.person)} if area else {}
    return Aloud(
        segments=found.spoken.segments,
        lines=_lines(found),
        unknown=found.spoken.unknown,
        dropped=found.spoken.dropped,
        encodings=tuple(found.legacy.encodings) if found.legacy else (),
        area=area,
        area_name=names.get(area, "") if area else "",
        outcome=outcome,
    )


def _lines(found: Preview) -> tuple[Line, ...]:
    """Each thing once, what nobody has said how to read before the rest."""
    once: dict[str, Span] = {}
    for span in found.spoken.spans:
        if span.kind != DROPPED and any(map(str.isalnum, span.written)):
            once.setdefault(span.written, span)
    order = sorted(once.values(), key=lambda span: span.kind != UNKNOWN)[:MOST_LINES]
    text = found.spoken.text
    return tuple(
        Line(number, span.written, text[span.start : span.end].lower(), span.kind == UNKNOWN)
        for number, span in enumerate(order)
    )
