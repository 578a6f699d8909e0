"""In the child process: an order's parts become the bodies and segments of one clip, each levelled on its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from audio.compose import Composed, compose
from audio.ducking import Track
from audio.intake import Raw, take_file, take_text
from audio.level import TARGET_LUFS, blocks_of
from audio.loudness import NOTHING_LUFS, LoudnessMeter
from audio.refusals import BadSound, bad_sound
from audio.segments import Segment, Whole, closing, levelled, opening, pause
from audio.sources import AS_IT_CAME, BED, DEFAULT_VOICE, RATE, SAMPLE_BYTES, Cleaning, Fallback, Step, VoiceChoice
from audio.speech.aloud import Cast
from audio.verdicts import Verdict

Tell = Callable[[Step, int], None]


@dataclass(slots=True)
class Workshop:
    """Makes the parts of one order, one after the other, in `work`; remembers what each recording was."""

    work: Path
    cast: Cast
    seconds: int
    tell: Tell
    begin: Callable[[int], None]
    """Told the number of each part that takes time, from 1, before it is made."""
    decoded_ms: dict[int, int] = field(default_factory=dict)
    findings: dict[int, tuple[Verdict, ...]] = field(default_factory=dict)
    fallbacks: list[Fallback] = field(default_factory=list)
    _bytes: int = 0

    def clip(self, parts: Sequence[Mapping[str, Any]], bed: Mapping[str, Any] | None) -> Composed:
        """Make `work`/clip.opus. BadSound names the part (`part`, from 1; BED the music) that cannot be used."""
        segments = tuple(self._numbered(number, part) for number, part in enumerate(parts, 1))
        track = self._track(bed) if bed else None
        self.begin(0)
        return compose(Whole(segments, track), self.work, self.tell)

    def _numbered(self, number: int, part: Mapping[str, Any]) -> Segment:
        try:
            return self._segment(number, part)
        except BadSound as bad:
            bad.part = number
            raise

    def _segment(self, number: int, part: Mapping[str, Any]) -> Segment:
        bed = part["bed"]
        match part["kind"]:
            case "chime":
                return opening(bed=bed)
            case "closing":
                return closing(bed=bed)
            case "pause":
                return pause(part["ms"], bed=bed)
        self.begin(number)
        raw = self._raw(number, part)
        self._bytes += raw.file.stat().st_size
        if self._bytes > self.seconds * RATE * SAMPLE_BYTES:
            raise bad_sound("too-long", "all parts together", limit=self.seconds // 60)
        return levelled(raw, self.work / f"body-{number}.pcm", self.tell, fades=part["kind"] == "ident", bed=bed)

    def _raw(self, number: int, part: Mapping[str, Any]) -> Raw:
        if part["kind"] == "text":
            choice = self._without_fallen(VoiceChoice(**part["voice"]))
            raw = take_text(part["spoken"], choice, self.cast, self.work, self.seconds, self.tell)
            self.fallbacks += [each for each in raw.fallbacks if each not in self.fallbacks]
            return raw
        cuts = [(start, until) for start, until in part["cuts"]]
        return self._file(number, Path(part["file"]), cuts, Cleaning(**part["cleaning"]))

    def _without_fallen(self, choice: VoiceChoice) -> VoiceChoice:
        """A voice that failed in one part is not waited for in the next."""
        fallen = {each.voice for each in self.fallbacks}
        name = DEFAULT_VOICE if choice.name in fallen else choice.name
        return replace(choice, name=name, second="" if choice.second in fallen else choice.second)

    def _file(self, number: int, file: Path, cuts: Sequence[tuple[int, int]], cleaning: Cleaning) -> Raw:
        raw = take_file(file, self.work, self.seconds, self.tell, cuts, cleaning)
        self.decoded_ms[number] = raw.decoded_ms
        self.findings[number] = raw.findings
        return raw

    def _track(self, bed: Mapping[str, Any]) -> Track:
        self.begin(BED)
        try:
            raw = self._file(BED, Path(bed["file"]), (), AS_IT_CAME)
        except BadSound as bad:
            bad.part = BED
            raise
        music = raw.file.rename(self.work / "bed.pcm")
        meter = LoudnessMeter(with_peak=False)
        for block in blocks_of(music):
            meter.add(block)
        lufs = meter.finish().lufs
        self.tell(Step.LEVEL, 100)
        level = bed["level_cdb"] / 100
        if lufs <= NOTHING_LUFS + 1:  # shorter than one gating block: go by the peak, as a body does
            return Track(music, level + TARGET_LUFS - raw.peak_cdb / 100)
        return Track(music, level + TARGET_LUFS - lufs)
