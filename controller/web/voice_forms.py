"""The voice as a form says it: by names that people understand, or in per cent as a program may."""

from collections.abc import Mapping

from audio.sources import PITCHES, RATES, VoiceChoice
from audio.speech.voices import Voices
from controller.desk.refusal import Refusal
from controller.desk.voices import chosen, manner_of
from controller.language import n_

RATE_WORDS = {"slow": n_("Chậm"), "normal": n_("Vừa"), "fast": n_("Nhanh")}
PITCH_WORDS = {"low": n_("Thấp"), "normal": n_("Vừa"), "high": n_("Cao")}
VOICE_FIELDS = ("voice", "second_voice", "rate", "pitch")


def read_voice(
    fields: Mapping[str, str], voices: Voices, usual: VoiceChoice, *, kept: VoiceChoice | None = None
) -> VoiceChoice:
    """What was chosen; for what the form leaves out, the station's usual. Refusal for what cannot be, unless it is
    what is `kept` already."""
    if not fields.get("voice"):
        return usual
    rate = _per_cent(fields.get("rate", ""), RATES, usual.rate, "rate")
    pitch = _per_cent(fields.get("pitch", ""), PITCHES, usual.pitch, "pitch")
    name, second = fields["voice"], fields.get("second_voice", "")
    if kept is not None and kept == VoiceChoice(name, second, *_within(rate, pitch)):
        return kept
    return chosen(name, second, rate, pitch, voices)


def _within(rate: int, pitch: int) -> tuple[int, int]:
    manner = manner_of(rate, pitch)
    return manner.rate, manner.pitch


def _per_cent(text: str, names: Mapping[str, int], usual: int, field: str) -> int:
    if not text:
        return usual
    if text in names:
        return names[text]
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Refusal("bad-manner-number", n_("Hãy chọn tốc độ và độ cao của giọng đọc."), field=field)
    return int(text)


def as_fields(choice: VoiceChoice) -> dict[str, str]:
    """The choice as the form's values; a rate or pitch between the named ones stays a number."""
    rates, pitches = ({value: name for name, value in each.items()} for each in (RATES, PITCHES))
    return {
        "voice": choice.name,
        "second_voice": choice.second,
        "rate": rates.get(choice.rate, str(choice.rate)),
        "pitch": pitches.get(choice.pitch, str(choice.pitch)),
    }
