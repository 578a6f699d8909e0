"""Shapes of the API: how texts are read, and the readings that stations give themselves."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from audio.speech.readings import MOST_READ, MOST_WRITTEN
from controller.desk.readings import Preview, ReadingLine
from controller.store.readings import Reading
from controller.web.api.shapes import In


class SegmentOut(BaseModel):
    """`kind`: "" read as written, "unknown" nobody has said how, "dropped" not read, "own" by the station's table."""

    written: str
    read: str
    kind: str


class LegacyOut(BaseModel):
    """The text was typed in an old encoding; `unicode` is what it says."""

    encodings: list[str]
    unicode: str


class SpokenOut(BaseModel):
    spoken: str
    unknown: list[str]
    dropped: list[str]
    segments: list[SegmentOut]
    legacy: LegacyOut | None

    @classmethod
    def of(cls, found: Preview) -> Self:
        said, old = found.spoken, found.legacy
        return cls(
            spoken=said.text,
            unknown=list(said.unknown),
            dropped=list(said.dropped),
            segments=[SegmentOut(written=each.written, read=each.read, kind=each.kind) for each in said.segments],
            legacy=LegacyOut(encodings=[str(each) for each in old.encodings], unicode=old.unicode) if old else None,
        )


class ReadingIn(In):
    written: Annotated[str, Field(max_length=MOST_WRITTEN * 10)]
    read: Annotated[str, Field(max_length=MOST_READ * 10)]


class WrittenIn(In):
    written: Annotated[str, Field(max_length=MOST_WRITTEN * 10)]


class ReadingOut(BaseModel):
    """`area`: whose reading it is, the area asked for or one above."""

    area: str
    written: str
    read: str
    made_by: str

    @classmethod
    def of(cls, reading: Reading) -> Self:
        return cls(area=reading.area, written=reading.written, read=reading.read, made_by=reading.made_by)


class ReadingLineOut(ReadingOut):
    own: bool
    replaces: str

    @classmethod
    def of_line(cls, line: ReadingLine) -> Self:
        kept = line.reading
        return cls(
            area=kept.area, written=kept.written, read=kept.read, made_by=kept.made_by, own=line.own,
            replaces=line.replaces,
        )  # fmt: skip
