"""Voices as staff choose them: the table, what a station remembers, and one paragraph to hear before it is saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio.preview import Preview, PreviewFailed, preview
from audio.sources import Manner, VoiceChoice
from audio.speech.voice import FAILURES
from audio.speech.voices import Voices
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.sight import home_of
from controller.desk.values import Person
from controller.language import _, n_
from controller.rights import Operation
from controller.store.unit import Unit
from schedules.units import AreaId

REMEMBERED = "area.voice"


@dataclass(frozen=True, slots=True)
class VoiceView:
    """One voice; `trouble` is why it cannot read now, in words, "" when it can; `failed_last` why it did not read when
    it was asked last, which may have passed."""

    name: str
    label: str
    language: str
    engine: str
    trouble: str
    failed_last: str


def table(voices: Voices) -> tuple[VoiceView, ...]:
    """Every voice, in the language of the request."""
    return tuple(
        VoiceView(name, _(each.label), each.language, each.engine, _why(each.trouble), _why(voices.failed_last(name)))
        for name, each in voices.items()
    )


def _why(code: str) -> str:
    return _(FAILURES[code]) if code in FAILURES else ""


def check_choice(choice: VoiceChoice, voices: Voices) -> None:
    """Refusal for a voice that is not in the table or cannot read now."""
    for field, name in (("voice", choice.name), ("second_voice", choice.second)):
        if not name:
            continue
        if name not in voices:
            raise Refusal("unknown-voice", n_("Không có giọng đọc này. Hãy chọn giọng trong danh sách."), field=field)
        if voices[name].trouble:
            raise Refusal(
                "voice-not-available",
                n_("“%(voice)s” hiện không dùng được: %(why)s. Hãy chọn giọng khác."),
                field=field,
                params={"voice": voices[name].label, "why": FAILURES[voices[name].trouble]},
            )


def manner_of(rate: int, pitch: int) -> Manner:
    """Refusal beyond the limits."""
    try:
        return Manner(rate, pitch)
    except ValueError:
        raise Refusal(
            "bad-manner",
            n_(
                "Tốc độ đọc phải từ %(least_rate)s đến %(most_rate)s %%, "
                "độ cao từ %(least_pitch)s đến %(most_pitch)s %%."
            ),
            field="rate" if not Manner.LEAST_RATE <= rate <= Manner.MOST_RATE else "pitch",
            params={
                "least_rate": Manner.LEAST_RATE,
                "most_rate": Manner.MOST_RATE,
                "least_pitch": Manner.LEAST_PITCH,
                "most_pitch": Manner.MOST_PITCH,
            },
        ) from None


def chosen(name: str, second: str, rate: int, pitch: int, voices: Voices) -> VoiceChoice:
    """A choice that can be kept, or a Refusal."""
    manner_of(rate, pitch)
    choice = VoiceChoice(name, second, rate, pitch)
    check_choice(choice, voices)
    return choice


def usual(unit: Unit, room: Room, area: AreaId | None) -> VoiceChoice:
    """What the area remembers, else the nearest one above it, else the built-in voice; never one that is gone."""
    tree = room.tree(unit)
    if area is None or area not in tree.areas:
        return VoiceChoice()
    found = unit.voices.first((area, *tree.ancestors(area)))
    return found if found and all(name in room.voices for name in found.names) else VoiceChoice()


class Voicing:
    def __init__(self, room: Room) -> None:
        self._room = room

    def usual(self, by: Person, area: AreaId | None = None) -> VoiceChoice:
        """Of the place for which `by` writes; Refusal for one that is not theirs."""
        with self._room.store.read() as unit:
            return usual(unit, self._room, home_of(by, self._room.places(unit), area))

    def remember(self, choice: VoiceChoice, by: Person, area: AreaId | None = None) -> AreaId:
        """From now on the usual one of that place; Refusal when there is no place or it is not theirs."""
        check_choice(choice, self._room.voices)
        with self._room.store.write() as unit:
            home = home_of(by, self._room.places(unit), area)
            if home is None:
                raise Refusal(
                    "no-place", n_("Chưa có địa bàn nào để ghi nhớ giọng đọc. Hãy chọn địa bàn."), field="area"
                )
            self._room.require(unit, by, Operation.COMPOSE, home)
            before = unit.voices.of(home)
            if before != choice:
                unit.voices.put(home, choice, self._room.now(), by.username)
                told = _told(before) if before else None
                self._room.record(unit, by, REMEMBERED, f"area:{home}", told, _told(choice))
            return home

    def hear(self, spoken: str, paragraph: int, choice: VoiceChoice, work: Path) -> Preview:
        """The paragraph (0 …) of an already normalised text, by the voice whose turn it is. Blocks for a second."""
        check_choice(choice, self._room.voices)
        found = paragraphs(spoken)
        if not 0 <= paragraph < len(found):
            raise Refusal("no-paragraph", n_("Đoạn này không có gì để đọc. Hãy gõ văn bản rồi nghe lại."), field="text")
        voice = choice.names[paragraph % len(choice.names)]
        try:
            made = preview(found[paragraph], voice, choice.manner, self._room.voices, work)
        except PreviewFailed as error:
            raise Refusal(
                "preview-failed", n_("Không đọc thử được đoạn này. Hãy thử lại hoặc chọn giọng khác."), status=503
            ) from error
        self._room.voices.tried([voice], made.fallbacks)
        return made


def _told(choice: VoiceChoice) -> dict[str, Any]:
    return {"voice": choice.name, "second_voice": choice.second, "rate": choice.rate, "pitch": choice.pitch}


def paragraphs(spoken: str) -> tuple[str, ...]:
    """Those of a spoken text that have anything to read: counted as the reader counts them."""
    return tuple(line for line in spoken.splitlines() if any(map(str.isalnum, line)))


def replaced_sentences(replaced: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What became of voices that failed, in words: (label, code of FAILURES)."""
    said = n_("“%(voice)s” không đọc được: %(why)s. Bản tin đã được đọc bằng giọng mặc định.")
    return tuple(_(said) % {"voice": _(label), "why": _(FAILURES.get(code, ""))} for label, code in replaced)
