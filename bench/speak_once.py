"""One reading in a process of its own: `python -m bench.speak_once first|ours|naive TEXT FOLDER`.

first: one paragraph made to be heard, ours: the whole text prepared, naive: the whole text handed to the speech engine
at once and written as a WAV file. Prints one JSON line: {"seconds", "of_sound", "peak_kib"}, the peak being the
largest of its processes'.
"""

import json
import resource
import sys
import time
from pathlib import Path


def main() -> int:
    who, text, folder = sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8"), Path(sys.argv[3])
    seconds, of_sound = {"first": _first, "ours": _ours, "naive": _naive}[who](text, folder)
    whose = resource.RUSAGE_SELF if who == "naive" else resource.RUSAGE_CHILDREN
    print(json.dumps({"seconds": seconds, "of_sound": of_sound, "peak_kib": resource.getrusage(whose).ru_maxrss}))
    return 0


def _first(text: str, folder: Path) -> tuple[float, float]:
    """The controller runs already when somebody presses the button; its child does not."""
    from audio.preview import preview
    from audio.sources import DEFAULT_VOICE, Manner
    from audio.speech.normalise import spoken
    from audio.speech.voices import Voices

    begun = time.monotonic()
    made = preview(spoken(text).text.splitlines()[0], DEFAULT_VOICE, Manner(), Voices(), folder / "work")
    assert made.whole, "a paragraph of usual length"
    return time.monotonic() - begun, 0.0


def _ours(text: str, folder: Path) -> tuple[float, float]:
    from audio.clips import ClipStore
    from audio.prepare import Limits, TextSource, prepare

    store = ClipStore(folder / "clips")
    begun = time.monotonic()
    made = prepare(TextSource(text), store, folder / "work", Limits(), lambda step, percent: None)
    return time.monotonic() - begun, made.duration_ms / 1_000


def _naive(text: str, folder: Path) -> tuple[float, float]:
    import wave

    from audio.speech.voices import open_voice

    begun = time.monotonic()
    voice = open_voice("vi")
    pcm = voice.say(text)
    with wave.open(str(folder / "naive.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(voice.rate)
        out.writeframes(pcm)
    return time.monotonic() - begun, len(pcm) / 2 / voice.rate


if __name__ == "__main__":
    sys.exit(main())
