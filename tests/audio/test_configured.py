"""Voices that an operator adds: what is taken, and what is refused with the place of the mistake."""

import json
from pathlib import Path

import pytest

from audio.sources import Fallback
from audio.speech.configured import BadVoices, configured_voices
from audio.speech.specs import EspeakSpec, ServiceSpec, Spec, heard, told
from audio.speech.voices import BUILT_IN, Voices
from tests.audio import tiny_piper

GOOD = """
[[voice]]
name = "tinh-nu"
label = "Giọng nữ của tỉnh"
url = "https://giong-doc.example/api/v1?q={text}"
secret_file = "key"
seconds = 15
"""


def services(folder: Path, toml: str) -> Voices:
    (folder / "key").write_text("s3cret\n")
    (folder / "voices.toml").write_text(toml, encoding="utf-8")
    return configured_voices(None, folder / "voices.toml")


def test_the_built_in_voices_come_first_and_each_has_a_language_and_an_engine(tmp_path: Path) -> None:
    tiny_piper.make(tmp_path / "vi_VN-hum-low.onnx")
    tiny_piper.make(tmp_path / "many.onnx", speakers=12)
    voices = configured_voices(tmp_path, None)
    assert list(voices)[:3] == [each.name for each in BUILT_IN]
    assert list(voices)[3:] == [*(f"piper:many/{number}" for number in range(8)), "piper:vi_VN-hum-low"]
    assert {(each.engine, each.language, each.trouble) for each in voices.values()} == {
        ("espeak", "vi", ""),
        ("piper", "vi", ""),
    }
    assert voices["piper:many/3"].label == "hum tiny – người 3"


def test_a_voice_file_that_is_gone_or_none_stands_in_the_table_as_not_available(tmp_path: Path) -> None:
    """A bad download must not keep the station from starting."""
    model = tiny_piper.make(tmp_path / "gone.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"<html>")
    voices = configured_voices(tmp_path, None)
    model.unlink()
    assert voices["piper:gone"].trouble == "voice-gone"
    assert voices["piper:bad"].trouble == "engine-failed"
    assert voices.apart(["piper:bad", "vi"]) == {}
    assert voices.seats(["piper:bad"], {}) == {"piper:bad": {"gone": "engine-failed"}, "vi": {"espeak": "vi"}}


@pytest.mark.parametrize("broken", ["[]", "{}", '{"audio": {"sample_rate": 1}}', '{"audio": 3}', "x" * 2_000_000])
def test_a_description_that_is_something_else_is_no_voice(tmp_path: Path, broken: str) -> None:
    model = tiny_piper.make(tmp_path / "x.onnx")
    model.with_name("x.onnx.json").write_text(broken)
    assert configured_voices(tmp_path, None)["piper:x"].trouble == "engine-failed"


def test_a_service_is_read_with_its_secret(tmp_path: Path) -> None:
    listed = services(tmp_path, GOOD)["service:tinh-nu"]
    assert (listed.label, listed.engine, listed.trouble) == ("Giọng nữ của tỉnh", "service", "")
    assert isinstance(listed.spec, ServiceSpec)
    assert listed.spec.headers == {"Authorization": "Bearer s3cret"}
    assert listed.spec.seconds == 35
    assert listed.spec.does == ()


@pytest.mark.parametrize(
    ("toml", "about"),
    [
        ("x =", "not TOML"),
        ("voice = 3", "tables"),
        (GOOD + "colour = 3", "unknown field `colour`"),
        (GOOD.replace("https:", "file:"), "`url`"),
        (GOOD.replace("giong-doc.example", "{text}"), "`url`"),
        (GOOD.replace("giong-doc", "me:pw@giong-doc"), "`url`"),
        (GOOD.replace(".example", ".example:x"), "`url`"),
        (GOOD.replace("{text}", "x"), "{text}"),
        (GOOD.replace('"key"', '"nothing"'), "secret"),
        (GOOD.replace("15", "0"), "`seconds`"),
        (GOOD.replace("15", "true"), "`seconds`"),
        (GOOD + 'answer = "mp3"', "`answer`"),
        (GOOD + 'answer = "json"', "`field`"),
        (GOOD + 'answer = "pcm"', "`pcm_rate`"),
        (GOOD + 'method = "PUT"', "`method`"),
        (GOOD + "headers = {a = 3}", "`headers`"),
        (GOOD.replace("tinh-nu", "a/b"), "`name`"),
        (GOOD + GOOD, "two voices"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, toml: str, about: str) -> None:
    with pytest.raises(BadVoices) as caught:
        services(tmp_path, toml)
    assert about in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_missing_files_are_named(tmp_path: Path) -> None:
    for arguments in ((tmp_path / "no", None), (None, tmp_path / "no.toml")):
        with pytest.raises(BadVoices, match="no"):
            configured_voices(*arguments)


def test_a_spec_travels_as_json(tmp_path: Path) -> None:
    for spec in (EspeakSpec("vi"), ServiceSpec("https://x/", headers={"a": "b"}), *_piper(tmp_path)):
        assert heard(json.loads(json.dumps(told(spec)))) == spec


def _piper(folder: Path) -> list[Spec]:
    tiny_piper.make(folder / "x.onnx")
    return [configured_voices(folder, None)["piper:x"].spec]


def test_a_voice_that_did_not_read_is_remembered_until_it_does() -> None:
    voices = Voices()
    voices.tried(["vi", "vi-south"], [Fallback("vi-south", "too-slow")])
    assert (voices.failed_last("vi"), voices.failed_last("vi-south")) == ("", "too-slow")
    voices.tried(["vi"], [])
    assert voices.failed_last("vi-south") == "too-slow"
    voices.tried(["vi-south"], [])
    assert voices.failed_last("vi-south") == ""
