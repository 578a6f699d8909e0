"""The contract that every speech engine keeps, and what a speech service may do wrong without harm."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.intake import take_text
from audio.levels import LevelMeter
from audio.sources import PITCHES, RATES, Manner, VoiceChoice
from audio.speech.aloud import Cast
from audio.speech.remote import RemoteVoice
from audio.speech.speakers import Apart, speakers
from audio.speech.specs import PiperSpec, ServiceSpec
from audio.speech.voice import FAILURES, Voice, VoiceFailed
from audio.speech.voices import Listed, Voices, open_voice
from audio.speech.wire import Line
from tests.audio import tiny_piper
from tests.audio.conftest import Bench
from tests.audio.hearing import hertz
from tests.audio.misbehaving import RATE, Service, serving

TEXT = "Kính thưa bà con nhân dân. Chiều nay có mưa to."
JSON = {"Content-Type": "application/json", "X-Key": "s3cret"}
FULL = '{"text": {text}, "speed": {rate}, "pitch": {pitch}}'
PLAIN = '{"text": {text}}'

Open = Callable[[Manner], Voice]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@contextmanager
def remote(spec: Apart, folder: Path) -> Iterator[Open]:
    with speakers({"x": spec}, folder, seconds=60, cpu_seconds=60) as lines:
        hear, say = lines["x"]
        line = Line(hear, say, spec.seconds)
        yield lambda manner: RemoteVoice(line, manner, spec.does, folder)


ENGINES = ("vi", "vi-central", "vi-south", "piper", "piper-many", "wav", "mp3", "pcm", "json", "wav-natural")


@pytest.fixture(scope="module", params=ENGINES)
def opened(
    request: pytest.FixtureRequest, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Open]:
    """One engine, opened once for all the questions of the contract."""
    name: str = request.param
    folder = tmp_path_factory.mktemp("engine")
    if name.startswith("vi"):
        yield lambda manner: open_voice(name, manner)
    elif name.startswith("piper"):
        many = name == "piper-many"
        model = tiny_piper.make(folder / "vi.onnx", speakers=3 if many else 1)
        with remote(PiperSpec(str(model), 2 if many else -1), folder) as open_:
            yield open_
    else:
        kind, _, natural = name.partition("-")
        spec = ServiceSpec(
            service.url(f"/{kind}"),
            headers=JSON,
            body=PLAIN if natural else FULL,
            answer={"pcm": "pcm", "json": "json"}.get(kind, "file"),
            field="data.audio",
            pcm_rate=RATE,
        )
        with remote(spec, folder) as open_:
            yield open_


def seconds(voice: Voice, text: str) -> float:
    pcm = voice.say(text)
    assert len(pcm) % 2 == 0
    return len(pcm) / 2 / voice.rate


def test_it_says_a_text_so_that_it_can_be_heard(opened: Open) -> None:
    voice = opened(Manner())
    pcm = voice.say(TEXT)
    meter = LevelMeter()
    meter.add(pcm)
    assert 8_000 <= voice.rate <= 48_000
    assert meter.peak_cdb > -3_000
    assert 1 < len(pcm) / 2 / voice.rate < 20
    assert seconds(voice, TEXT * 3) > 2 * seconds(voice, TEXT)


def test_what_was_said_before_changes_nothing(opened: Open) -> None:
    voice = opened(Manner())
    alone = seconds(voice, TEXT)
    voice.say("Một câu khác hẳn.")
    opened(Manner(rate=140, pitch=130)).say(TEXT)
    assert seconds(voice, TEXT) == pytest.approx(alone, abs=0.05)


def test_it_reads_slowly_or_fast_low_or_high(opened: Open) -> None:
    lengths = [seconds(opened(Manner(rate=rate)), TEXT) for rate in RATES.values()]
    assert lengths[0] > 1.1 * lengths[1] > 1.1 * 1.1 * lengths[2]

    def height(pitch: int) -> float:
        voice = opened(Manner(pitch=pitch))
        return hertz(voice.say(TEXT), voice.rate)

    low, normal, high = (height(pitch) for pitch in PITCHES.values())
    assert low < 0.93 * normal
    assert high > 1.07 * normal
    assert seconds(opened(Manner(pitch=130)), TEXT) == pytest.approx(lengths[1], rel=0.05)


@pytest.mark.parametrize("odd", ['{text} "trích" \\n </speak>&amp; {0}', "à" * 400, "7 & 9", "không\tdấu\r\nhai dòng"])
def test_odd_texts_do_no_harm(opened: Open, odd: str) -> None:
    voice = opened(Manner())
    assert seconds(voice, odd) > 0.2
    assert 1 < seconds(voice, TEXT) < 20


WRONG = [
    ("slow", "too-slow"),
    ("trickling", "too-slow"),
    ("broken", "service-refused"),
    ("unknown", "service-refused"),
    ("moved", "service-refused"),
    ("html", "not-sound"),
    ("endless", "not-sound"),
    ("short", "service-refused"),
    ("cut", "not-sound"),
    ("silent", "not-sound"),
    ("playlist", "not-sound"),
    ("hours", "not-sound"),
]

MAY_PASS = ("slow", "trickling", "broken", "short")
"""What is worth a second attempt."""


@pytest.mark.parametrize(("path", "code"), WRONG)
def test_a_service_that_misbehaves_is_a_voice_that_failed(
    service: Service, tmp_path: Path, path: str, code: str
) -> None:
    spec = ServiceSpec(service.url(f"/{path}"), headers=JSON, body=PLAIN, attempt_seconds=1, tries=2)
    before = len(service.asked)
    with remote(spec, tmp_path) as open_, pytest.raises(VoiceFailed) as caught:
        open_(Manner()).say("Xin chào bà con.")
    assert caught.value.code == code
    assert len(service.asked) - before == (2 if path in MAY_PASS else 1)
    assert list(tmp_path.glob("answer*")) == []


def test_nobody_there_is_a_voice_that_failed(tmp_path: Path) -> None:
    with remote(ServiceSpec("http://127.0.0.1:9/x", body=PLAIN, attempt_seconds=1), tmp_path) as open_:
        for _ in range(2):
            with pytest.raises(VoiceFailed) as caught:
                open_(Manner()).say("Xin chào.")
            assert caught.value.code == "service-unreachable"


def test_one_failed_attempt_is_made_good_by_the_next(service: Service, tmp_path: Path) -> None:
    service.flaky = 1
    with remote(ServiceSpec(service.url("/flaky"), headers=JSON, body=PLAIN), tmp_path) as open_:
        assert seconds(open_(Manner()), TEXT) > 1
    assert service.asked[-1]["text"] == TEXT
    assert service.asked[-1]["secret"] == "s3cret"


def test_a_text_in_an_address_stays_one_value(service: Service, tmp_path: Path) -> None:
    spec = ServiceSpec(service.url("/tts?v=nu&q={text}&s={rate_percent}"), method="GET")
    with remote(spec, tmp_path) as open_:
        open_(Manner(rate=120)).say("a&b=c d/é?#")
    assert service.asked[-1]["path"] == "/tts?v=nu&q=a%26b%3Dc%20d%2F%C3%A9%3F%23&s=120"


def _text_file(folder: Path) -> Path:
    model = tiny_piper.make(folder / "x.onnx")
    model.write_bytes(b"this is no model")
    return model


def _other_inputs(folder: Path) -> Path:
    return tiny_piper.make(folder / "x.onnx", inputs=("input", "scales"))


def _no_config(folder: Path) -> Path:
    model = tiny_piper.make(folder / "x.onnx")
    (folder / "x.onnx.json").unlink()
    return model


@pytest.mark.parametrize("make", [_text_file, _other_inputs, _no_config])
def test_a_file_that_is_no_voice_fails_each_time_it_is_asked(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with remote(PiperSpec(str(make(tmp_path))), tmp_path) as open_:
        for _ in range(2):
            with pytest.raises(VoiceFailed) as caught:
                open_(Manner()).say(TEXT)
            assert caught.value.code == "engine-failed"
            assert caught.value.code in FAILURES


def test_a_bulletin_is_made_by_each_engine(bench: Bench, service: Service, tmp_path: Path) -> None:
    bench.voices = Voices(
        [
            Listed("piper:hum", "hum", "vi", PiperSpec(str(tiny_piper.make(tmp_path / "hum.onnx")))),
            Listed("service:a", "a", "vi", ServiceSpec(service.url("/mp3"), headers=JSON, body=FULL)),
        ]
    )
    made = bench.text("Đoạn một. Hai câu.\nĐoạn hai.", VoiceChoice("piper:hum", "service:a", 120, 115))
    assert made.fallbacks == ()
    assert made.loudness_cdb == pytest.approx(-1_600, abs=150)
    assert made.duration_ms > 7_000


def test_the_default_voice_reads_when_the_chosen_one_fails(bench: Bench, service: Service) -> None:
    broken = ServiceSpec(service.url("/broken"), headers=JSON, body=PLAIN)
    bench.voices = Voices([Listed("service:a", "a", "vi", broken)])
    made = bench.text("Đoạn một.\nĐoạn hai.", VoiceChoice("service:a", "vi-south"))
    assert [(each.voice, each.code) for each in made.fallbacks] == [("service:a", "service-refused")]
    assert made.clip == bench.text("Đoạn một.\nĐoạn hai.", VoiceChoice("vi", "vi-south")).clip
    assert [share for _, share in bench.told][-1] == 100


def alike(one: bytes, other: bytes) -> bool:
    """As long and as loud at each moment; espeak's output differs a little from call to call in one process."""
    blocks = min(len(one), len(other)) // 2 // 960
    if abs(len(one) - len(other)) > 2 * 960:
        return False
    levels = [np.abs(np.frombuffer(pcm, "<i2")[: blocks * 960].astype(float)) for pcm in (one, other)]
    first, second = (each.reshape(-1, 960).mean(axis=1) for each in levels)
    return float(np.corrcoef(first, second)[0, 1]) > 0.97


def read(text: str, choice: VoiceChoice, folder: Path) -> tuple[bytes, list[str]]:
    """What the built-in voices make of it, and which names were replaced."""
    cast = Cast(Voices().seats(choice.names, {}), folder)
    raw = take_text(text, choice, cast, folder, 60, lambda step, share: None)
    return raw.file.read_bytes(), [each.voice for each in raw.fallbacks]


def test_a_voice_that_is_configured_no_more_is_replaced_and_told(tmp_path: Path) -> None:
    text = "Đoạn một.\nĐoạn hai."
    pcm, replaced = read(text, VoiceChoice("piper:gone", "service:gone"), tmp_path)
    assert replaced == ["piper:gone", "service:gone"]
    assert alike(pcm, read(text, VoiceChoice(), tmp_path)[0])


def test_two_voices_take_turns_by_paragraph(tmp_path: Path) -> None:
    """Each paragraph is as its voice alone reads it."""
    first, second = "Đoạn một của bản tin.", "Đoạn hai của bản tin."
    both, _ = read(f"{first}\n{second}", VoiceChoice("vi", "vi-south"), tmp_path)
    north, south = read(first, VoiceChoice("vi"), tmp_path)[0], read(second, VoiceChoice("vi-south"), tmp_path)[0]
    assert alike(both[: len(north)], north)
    assert alike(both[-len(south) :], south)
    assert not alike(both[-len(south) :], read(second, VoiceChoice("vi"), tmp_path)[0])


def test_a_service_that_is_never_quite_silent_costs_no_more_than_its_time(bench: Bench, service: Service) -> None:
    """The speaking process is ended when its time is over; what is left is enough for the default voice."""
    slow = ServiceSpec(service.url("/slow"), headers=JSON, body=PLAIN, attempt_seconds=60, tries=3)
    bench.voices = Voices([Listed("service:a", "a", "vi", slow)])
    bench.limits = replace(bench.limits, speaking_seconds=1)
    made = bench.text("Một câu.", VoiceChoice("service:a"))
    assert [each.code for each in made.fallbacks] == ["engine-failed"]
