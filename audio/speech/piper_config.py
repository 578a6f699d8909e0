"""What the `.onnx.json` beside a Piper voice says, read with care: a file that people download."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_CONFIG_BYTES = 1024**2
MOST_SPEAKERS = 8
"""So many of a model's speakers are offered; a list of a hundred serves nobody."""
_RATES = range(8_000, 48_001)


class BadModel(Exception):
    """The files are not a Piper voice that we can use; the sentence says why."""


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """`ids`: symbol → the ids that stand for it. `phonemes`: `espeak` or `text`. `speakers`: name → id, {} for one."""

    rate: int
    espeak_voice: str
    phonemes: str
    ids: Mapping[str, tuple[int, ...]]
    noise: float
    length: float
    noise_w: float
    speakers: Mapping[str, int]
    language: str
    dataset: str
    quality: str


def config_file(model: Path) -> Path:
    """`x.onnx` → `x.onnx.json`."""
    return model.with_name(model.name + ".json")


def read_config(model: Path) -> PiperConfig:
    """BadModel when it is missing or is something else."""
    file = config_file(model)
    try:
        if file.stat().st_size > MOST_CONFIG_BYTES:
            raise BadModel(f"{file.name} is too big to be the description of a voice")
        return _config(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadModel(f"{file.name} cannot be read ({error.strerror}); it belongs beside the model") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadModel(f"{file.name} does not describe a Piper voice ({type(error).__name__}: {error})") from error


def _config(told: Mapping[str, Any]) -> PiperConfig:
    rate = int(told["audio"]["sample_rate"])
    if rate not in _RATES:
        raise ValueError(f"a sample rate of {rate}")
    inference = told.get("inference", {})
    voice = str(told.get("espeak", {}).get("voice", ""))
    config = PiperConfig(
        rate=rate,
        espeak_voice=voice,
        phonemes=str(told.get("phoneme_type", "espeak")),
        ids={str(symbol): tuple(int(each) for each in ids) for symbol, ids in told["phoneme_id_map"].items()},
        noise=float(inference.get("noise_scale", 0.667)),
        length=float(inference.get("length_scale", 1.0)),
        noise_w=float(inference.get("noise_w", 0.8)),
        speakers=_speakers(told),
        language=str(told.get("language", {}).get("code", voice)).partition("_")[0].partition("-")[0] or "vi",
        dataset=str(told.get("dataset", "")),
        quality=str(told["audio"].get("quality", "")),
    )
    if config.phonemes not in ("espeak", "text"):
        raise ValueError(f"phonemes of the kind {config.phonemes}")
    if config.phonemes == "espeak" and not voice:
        raise ValueError("no espeak voice")
    if not config.ids:
        raise ValueError("no phonemes")
    return config


def _speakers(told: Mapping[str, Any]) -> dict[str, int]:
    if int(told.get("num_speakers", 1)) <= 1:
        return {}
    named = {str(name): int(number) for name, number in told.get("speaker_id_map", {}).items()}
    return named or {str(number): number for number in range(int(told["num_speakers"]))}
