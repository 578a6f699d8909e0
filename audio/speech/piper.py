"""Piper voices (VITS models as ONNX files), run by ONNX Runtime on phonemes from eSpeak NG; only in a speaking process.

Written from the shape of the models themselves: inputs `input` (1 × N ids), `input_lengths` (1), `scales` (noise,
length, width of the noise in time) and, with several speakers, `sid`; output: samples from -1 to 1.
"""

import re
import unicodedata
from pathlib import Path
from typing import Any

from audio.sources import Manner
from audio.speech.piper_config import BadModel, PiperConfig, read_config
from audio.speech.specs import PiperSpec
from audio.speech.voice import VoiceFailed
from audio.speech.wire import PCM, Answer

BEGIN, END, PAD = "^", "$", "_"
_CLAUSE = re.compile(r"([^.,;:!?…]+)([.,;:!?…]*)")
_OTHER_LANGUAGE = re.compile(r"\([a-z-]+\)")
"""espeak marks where it takes a word for another language's; the models were not taught these marks."""
_THREADS = 2
_MOST_IDS = 4_000
"""The memory that a model takes grows with the utterance; ours have at most 400 letters."""


class PiperEngine:
    """One loaded model. VoiceFailed when ONNX Runtime is not installed or the files are no voice."""

    def __init__(self, spec: PiperSpec) -> None:
        self._spec = spec
        try:
            self._config: PiperConfig = read_config(Path(spec.model))
        except BadModel as error:
            raise VoiceFailed("engine-failed", str(error)) from error
        self._session = _session(spec.model)
        self._inputs = {each.name for each in self._session.get_inputs()}
        if not {"input", "input_lengths", "scales"} <= self._inputs:
            raise VoiceFailed("engine-failed", f"a model with the inputs {sorted(self._inputs)} is no Piper voice")

    def answer(self, text: str, manner: Manner) -> Answer:
        import numpy

        ids, _ = ids_of(symbols_of(text, self._config), self._config)
        # Higher is the same samples played faster, so they are made as much longer.
        length = self._config.length * manner.pitch / manner.rate
        fed: dict[str, Any] = {
            "input": numpy.array([ids[:_MOST_IDS]], dtype=numpy.int64),
            "input_lengths": numpy.array([min(len(ids), _MOST_IDS)], dtype=numpy.int64),
            "scales": numpy.array([self._config.noise, length, self._config.noise_w], dtype=numpy.float32),
        }
        if "sid" in self._inputs:
            fed["sid"] = numpy.array([max(0, self._spec.speaker)], dtype=numpy.int64)
        try:
            samples = self._session.run(None, fed)[0]
        except Exception as error:  # ONNX Runtime's own errors have no common family
            raise VoiceFailed("engine-failed", f"{type(error).__name__}: {error}") from error
        flat = numpy.nan_to_num(numpy.asarray(samples, dtype=numpy.float32).reshape(-1))
        pcm = (numpy.clip(flat, -1.0, 1.0) * 32_767).astype("<i2").tobytes()
        return Answer(PCM, self._config.rate * manner.pitch // 100, pcm)


def _session(model: str) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise VoiceFailed("engine-missing", "onnxruntime is not installed (the extra `piper`)") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it keeps the most that was ever asked for
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the same
        raise VoiceFailed("engine-failed", f"{type(error).__name__}: {error}") from error


def symbols_of(text: str, config: PiperConfig) -> str:
    """One symbol per character, as the models were taught: decomposed IPA, the punctuation kept after each clause."""
    if config.phonemes == "text":
        return unicodedata.normalize("NFD", text.casefold())
    from audio.speech.espeak import phonemes

    told = []
    for words, ending in _CLAUSE.findall(text):
        if any(map(str.isalnum, words)):
            heard = _OTHER_LANGUAGE.sub("", phonemes(words.strip(), config.espeak_voice))
            told.append(unicodedata.normalize("NFD", heard) + ending.replace("…", ".")[:1])
    return " ".join(told)


def ids_of(symbols: str, config: PiperConfig) -> tuple[list[int], int]:
    """The ids with the pauses between them that the models expect, and how many symbols they do not know."""
    pad = config.ids.get(PAD, ())
    ids, unknown = [*config.ids.get(BEGIN, ()), *pad], 0
    for symbol in symbols:
        known = config.ids.get(symbol)
        if known is None:
            unknown += not symbol.isspace()
            continue
        ids += [*known, *pad]
    return [*ids, *config.ids.get(END, ())], unknown
