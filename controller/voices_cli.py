"""The commands `voices list` and `voices check FILE`: which voices there are, and whether a file is a good one."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audio.speech.configured import BadVoices, configured_voices, piper_voices
from audio.speech.piper_config import BadModel
from audio.speech.trial import Trial, try_voice
from audio.speech.voice import FAILURES, VoiceFailed
from audio.speech.voices import Listed, Voices
from controller.settings import BadSetting, Settings

BAD_VOICE = 1
BAD_INPUT = 2
SAMPLE = "Đài truyền thanh xã kính chào bà con. Sau đây là bản tin chiều nay."
_MUCH_MIB = 1_024
"""More than that beside everything else is too much for a small machine."""
_UNKNOWN_SHARE = 0.05
"""A voice of another language does not know many more of the sounds."""


def voices_of(settings: Settings) -> Voices:
    """The table as the settings give it; BadSetting when they cannot be used."""
    folder = Path(settings.piper_voices) if settings.piper_voices else None
    services = Path(settings.voice_services) if settings.voice_services else None
    try:
        return configured_voices(folder, services)
    except BadVoices as error:
        raise BadSetting(f"LOAXA_PIPER_VOICES or LOAXA_VOICE_SERVICES: {error}") from error


def _list(settings: Settings, _: argparse.Namespace) -> int:
    for name, listed in voices_of(settings).items():
        print("\t".join((name, listed.language, listed.engine, listed.label, listed.trouble or "ready")))
    return 0


def _check(settings: Settings, parsed: argparse.Namespace) -> int:
    """Say what is wrong or right with each voice of the file or of that name."""
    try:
        found = list(_meant(settings, parsed.voice))
    except BadModel as error:
        print(f"not usable: {error}")
        return BAD_VOICE
    if not found:
        print(f"loaxa: there is no voice {parsed.voice}", file=sys.stderr)
        return BAD_INPUT
    return max(
        _tried(listed, parsed.text, parsed.write if number == 0 else None) for number, listed in enumerate(found)
    )


def _meant(settings: Settings, voice: str) -> Iterator[Listed]:
    if voice.endswith(".onnx"):
        model = Path(voice)
        if not model.is_file():
            raise BadModel(f"{voice} is no file")
        yield from piper_voices(model)
    elif (listed := voices_of(settings).get(voice)) is not None:
        yield listed


def _tried(listed: Listed, text: str, write: Path | None) -> int:
    try:
        trial = try_voice(listed, text, write)
    except VoiceFailed as failed:
        print(f"{listed.name}: not usable: {failed.code} ({FAILURES[failed.code]}): {failed.detail}")
        return BAD_VOICE
    print(f"{listed.name}: {listed.label}, language {listed.language}, engine {listed.engine}")
    print(f"  read {len(text)} letters in {trial.seconds:.1f} s of sound; {trial.cpu_seconds:.2f} s of processor")
    print(f"  needs {trial.mib} MiB of memory")
    for sentence in _doubts(listed, trial):
        print(f"  look at this: {sentence}")
    if write is not None:
        print(f"  written: {write}; listen to it")
    print("  usable")
    return 0


def _doubts(listed: Listed, trial: Trial) -> Iterator[str]:
    if trial.mib > _MUCH_MIB:
        yield "much memory for a small machine"
    if trial.unknown_share > _UNKNOWN_SHARE:
        yield f"{trial.unknown_share:.0%} of the sounds of the text are unknown to it: is it a Vietnamese voice?"
    if listed.language != "vi":
        yield f"it says that its language is {listed.language}"
    if trial.cpu_seconds > trial.seconds:
        yield "slower than speech: a long bulletin will take long"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put `voices …` into the parser of commands."""
    voices = commands.add_parser("voices", help="voices that read texts").add_subparsers(required=True, metavar="what")
    voices.add_parser("list", parents=[common], help="the table of voices").set_defaults(run=_list)
    check = voices.add_parser("check", parents=[common], help="try a Piper voice file, or a configured voice")
    check.add_argument("voice", help="a file ending in .onnx, or the name of a voice")
    check.add_argument("--text", default=SAMPLE, help="what it is to say")
    check.add_argument("--write", type=Path, help="write what it said into this WAV file")
    check.set_defaults(run=_check)
