"""Turns what was measured of a recording into verdicts. Pure: numbers in, findings out."""

from collections.abc import Iterator
from dataclasses import dataclass

from audio.inspection.channels import Mix
from audio.inspection.inspector import Heard
from audio.inspection.liveliness import Liveliness
from audio.verdicts import Verdict, verdict

_EDGE_MS = 1_000
"""A longer silence at an end is told."""
_QUIET_CDB, _UNHEARD_CDB = -4_200, -5_000
_NOISY_CDB, _DROWNED_CDB = 1_500, 1_000
_TELEPHONE_HZ, _TELEPHONE_CDB = 4_800, -4_000
_USUAL_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
_LOW_RATE = 16_000
_CLIPPED_PPM, _CLIPPED_RUNS_A_MINUTE, _FLAT_RUNS_A_MINUTE = 500, 60, 10
_LITTLE_MS = 150
_LENGTH_SLACK_MS = 250
_DEPTH, _SYLLABLES, _CROSSINGS = 400, 500, 220
"""Thousandths; running speech has 800, 690 and more than 400, and still 490, 700 and 280 in a noise 5 dB below it;
melodies, drums, traffic and steady noises miss at least one by a fifth (measured, docs/audio.md)."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding itself told. Times in milliseconds; `claimed_ms` is what the header says, None for nothing."""

    rate_hz: int
    decoded_ms: int
    claimed_ms: int | None
    places: int
    lost_ms: int
    first_at: int
    rest: int = 0
    """Bytes beyond what the container says is all of it."""


def is_speech(lively: Liveliness) -> bool:
    """Whether it moves as speech does."""
    return lively.depth >= _DEPTH and lively.syllables >= _SYLLABLES and lively.crossings >= _CROSSINGS


def is_drowned(heard: Heard) -> bool:
    """Too quiet to save: brought to level it would be noise. What is quiet but clean can be saved."""
    return heard.active_cdb < _UNHEARD_CDB and heard.active_cdb - heard.floor_cdb < _DROWNED_CDB


def judge(decoded: Decoded, heard: Heard) -> tuple[Verdict, ...]:
    """All that there is to say before anything is done about it, the gravest kinds first."""
    return (
        *_damage(decoded),
        *_length(decoded),
        *_clipping(heard),
        *_level(heard),
        *_rate(decoded, heard),
        *_channels(heard),
        *_silence(heard),
        *_kind(heard),
    )


def _damage(decoded: Decoded) -> Iterator[Verdict]:
    if decoded.places:
        little = decoded.places <= 2 and decoded.lost_ms <= _LITTLE_MS
        yield verdict(
            "damaged-a-little" if little else "damaged-in-places",
            places=decoded.places, lost_ms=decoded.lost_ms, first_at=decoded.first_at,
        )  # fmt: skip


def _length(decoded: Decoded) -> Iterator[Verdict]:
    if decoded.rest:
        yield verdict("more-than-said", rest=decoded.rest)
    if decoded.claimed_ms is None:
        return
    over = decoded.decoded_ms - decoded.claimed_ms
    if abs(over) > _LENGTH_SLACK_MS:
        code = "longer-than-said" if over > 0 else "shorter-than-said"
        yield verdict(code, claimed_ms=decoded.claimed_ms, decoded_ms=decoded.decoded_ms)


def _clipping(heard: Heard) -> Iterator[Verdict]:
    minutes = max(heard.length_ms, 1_000) / 60_000
    ppm = heard.clipped * 1_000_000 // max(1, heard.samples)
    if heard.flat_runs / minutes > _FLAT_RUNS_A_MINUTE and heard.flat_runs > 2:
        # Turned down afterwards: each flat top has at least eight samples.
        yield verdict("clipped", runs=heard.flat_runs, clipped_ppm=heard.flat_runs * 8_000_000 // heard.samples)
    elif ppm > _CLIPPED_PPM or heard.runs / minutes > _CLIPPED_RUNS_A_MINUTE:
        yield verdict("clipped", runs=heard.runs, clipped_ppm=ppm)
    elif heard.runs:
        yield verdict("clipped-a-little", runs=heard.runs)


def _level(heard: Heard) -> Iterator[Verdict]:
    over_noise = heard.active_cdb - heard.floor_cdb
    if heard.active_cdb < _QUIET_CDB:
        yield verdict("quiet", speech_cdb=heard.active_cdb)
    # Of music or a steady sound the softest tenth is no noise.
    if over_noise < _NOISY_CDB and heard.liveliness and is_speech(heard.liveliness):
        yield verdict("noisy", over_noise_cdb=over_noise)
    if heard.hum.hertz:
        yield verdict("hum", hum_hz=heard.hum.hertz[0], hum_cdb=heard.hum.level_cdb)


def _rate(decoded: Decoded, heard: Heard) -> Iterator[Verdict]:
    speech = heard.liveliness is not None and is_speech(heard.liveliness)
    if decoded.rate_hz not in _USUAL_RATES:
        yield verdict("odd-rate", rate_hz=decoded.rate_hz)
    if speech and heard.bandwidth_hz <= _TELEPHONE_HZ and heard.highs_cdb < _TELEPHONE_CDB:
        yield verdict("telephone", bandwidth_hz=heard.bandwidth_hz, rate_hz=decoded.rate_hz)
    elif decoded.rate_hz < _LOW_RATE:
        yield verdict("low-rate", rate_hz=decoded.rate_hz)


_MIXES = {Mix.LEFT: "right-dead", Mix.RIGHT: "left-dead", Mix.DIFFERENCE: "inverted"}


def _channels(heard: Heard) -> Iterator[Verdict]:
    if code := _MIXES.get(heard.channels.mix):
        yield verdict(code)
    if heard.channels.dropped_ppm:
        yield verdict("channel-drops", length_ms=heard.length_ms * heard.channels.dropped_ppm // 1_000_000)


def _silence(heard: Heard) -> Iterator[Verdict]:
    pauses = heard.pauses
    if pauses.start >= _EDGE_MS:
        yield verdict("silence-at-start", length_ms=pauses.start)
    if heard.length_ms - pauses.end >= _EDGE_MS:
        yield verdict("silence-at-end", length_ms=heard.length_ms - pauses.end)
    if pauses.inside:
        at, longest = max(pauses.inside, key=lambda pause: pause[1])
        yield verdict("silence-inside", pauses=len(pauses.inside), longest_ms=longest, longest_at=at)


def _kind(heard: Heard) -> Iterator[Verdict]:
    if heard.liveliness is not None and not is_speech(heard.liveliness):
        yield verdict("not-speech")
