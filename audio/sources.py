"""What goes into the preparation of a clip and what comes out: sources, limits, steps and the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Final

from audio.verdicts import Verdict
from schedules.units import ClipId

RATE = 48_000
"""Samples per second of everything after decoding."""
SAMPLE_BYTES = 2
"""Signed 16 bits, mono, little-endian."""
COPY: Final = "copy.opus"
"""What a recording's copy to listen to is called in the child's work folder."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a voice reads: `rate` and `pitch` in per cent of what is normal for it. ValueError beyond the limits."""

    rate: int = 100
    pitch: int = 100

    LEAST_RATE: ClassVar[int] = 70
    MOST_RATE: ClassVar[int] = 140
    LEAST_PITCH: ClassVar[int] = 75
    MOST_PITCH: ClassVar[int] = 130

    def __post_init__(self) -> None:
        if not self.LEAST_RATE <= self.rate <= self.MOST_RATE:
            raise ValueError(f"a rate of {self.rate} %")
        if not self.LEAST_PITCH <= self.pitch <= self.MOST_PITCH:
            raise ValueError(f"a pitch of {self.pitch} %")


RATES: Final[dict[str, int]] = {"slow": 85, "normal": 100, "fast": 120}
PITCHES: Final[dict[str, int]] = {"low": 85, "normal": 100, "high": 115}
"""What a person chooses, in per cent."""

DEFAULT_VOICE: Final = "vi"
"""It works on every controller and without a network."""


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """Who reads a text, and how: a voice by its name in the table of voices, with `second` another that reads every
    other paragraph ("" for none). ValueError for a rate or a pitch beyond the limits of `Manner`."""

    name: str = DEFAULT_VOICE
    second: str = ""
    rate: int = 100
    pitch: int = 100

    def __post_init__(self) -> None:
        Manner(self.rate, self.pitch)

    @property
    def manner(self) -> Manner:
        return Manner(self.rate, self.pitch)

    @property
    def names(self) -> tuple[str, ...]:
        """The voices that take turns, paragraph by paragraph."""
        return (self.name, self.second) if self.second and self.second != self.name else (self.name,)


@dataclass(frozen=True, slots=True)
class Fallback:
    """A voice that was chosen and could not read; the default one read in its place. `code` is one of
    `audio.speech.voice.FAILURES`, `detail` is for the log."""

    voice: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text to be read aloud."""

    text: str
    voice: VoiceChoice = field(default_factory=VoiceChoice)
    readings: Mapping[str, str] = field(default_factory=dict)
    """Written → read: what the station itself has said (audio.speech.readings)."""


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What is done to a recording when it is needed: the silence at its ends cut (not where somebody has cut it by
    hand), the hum of the mains notched out; and its noise reduced, which costs a little clearness."""

    trim: bool = True
    hum: bool = True
    denoise: bool = False


AS_IT_CAME = Cleaning(trim=False, hum=False)


@dataclass(frozen=True, slots=True)
class FileSource:
    """An uploaded recording. `filename` is what the person called it; it decides nothing, it is for the log."""

    path: Path
    filename: str
    cuts: tuple[tuple[int, int], ...] = ()
    """The ranges to be kept, from … until in ms, rising; none: the whole."""
    ident: bool = False
    """It fades in and out."""
    cleaning: Cleaning = Cleaning()


@dataclass(frozen=True, slots=True)
class ChimeSource:
    """The opening chime, or the closing one."""

    closing: bool = False


@dataclass(frozen=True, slots=True)
class PauseSource:
    milliseconds: int


Source = TextSource | FileSource | ChimeSource | PauseSource


@dataclass(frozen=True, slots=True)
class Piece:
    """A source in its place; `bed`: the music is under it."""

    source: Source
    bed: bool = False


@dataclass(frozen=True, slots=True)
class BedSource:
    """Music below pieces; `level_cdb` as in `audio.parts.Bed`."""

    path: Path
    filename: str
    level_cdb: int


BED = -1
"""The music where the number of a piece is told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one preparation may take. Exceeding the first three is the caller's fault, the rest guard us."""

    text_characters: int = 20_000
    file_bytes: int = 200 * 1024 * 1024
    seconds: int = 2 * 60 * 60
    """Longest recording, by samples really decoded."""
    wall_seconds: int = 1_800
    cpu_seconds: int = 1_200
    address_space_bytes: int = 512 * 1024 * 1024
    """Of the child. With PyAV imported it maps 120 MiB, of which 32 are resident; the rest is for the sound."""
    speaking_seconds: int = 900
    """Of an engine that runs in a process of its own; then the default voice reads, in what is left of the time."""


class Step(StrEnum):
    """What the preparation is doing, in this order; the percentage told beside it runs 0 … 100 over all steps."""

    SPEAK = "speak"
    DECODE = "decode"
    LEVEL = "level"
    ENCODE = "encode"
    CHECK = "check"


STEP_WORDS: dict[Step, str] = {
    Step.SPEAK: "Đang đọc văn bản",
    Step.DECODE: "Đang đọc tệp âm thanh",
    Step.LEVEL: "Đang cân âm lượng",
    Step.ENCODE: "Đang nén",
    Step.CHECK: "Đang kiểm tra",
}
"""The steps in the words a person sees."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clip in the store. Loudness in hundredths of LUFS, true peak in hundredths of dBTP (ITU-R BS.1770-4)."""

    clip: ClipId
    size_bytes: int
    duration_ms: int
    loudness_cdb: int
    true_peak_cdb: int
    spoken: str
    """The texts as the engine read them; "" when there is none."""
    fallbacks: tuple[Fallback, ...] = ()
    """The voices that failed on the way, each once."""
    decoded_ms: Mapping[int, int] = field(default_factory=dict)
    """Of each recorded piece (numbered from 1, BED the music) how long the whole recording really is."""
    findings: Mapping[int, tuple[Verdict, ...]] = field(default_factory=dict)
    """Of each recorded piece (numbered as above) what was found in it, then what was done about it."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How a recording looks: `peaks` 0 … 100, each the highest of `step` samples (the last of fewer); `samples`: how
    long it really is."""

    peaks: tuple[int, ...]
    step: int
    samples: int

    @property
    def length_ms(self) -> int:
        return self.samples * 1_000 // RATE

    @property
    def step_ms(self) -> int:
        return self.step * 1_000 // RATE
