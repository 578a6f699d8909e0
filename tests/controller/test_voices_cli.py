"""The commands by which an operator looks at voices before a bulletin depends on them."""

import wave
from pathlib import Path

import pytest

from controller.cli import main
from tests.audio import tiny_piper


def test_the_table_of_voices_is_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_piper.make(tmp_path / "hum.onnx")
    monkeypatch.setenv("LOAXA_PIPER_VOICES", str(tmp_path))
    assert main(["voices", "list"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["vi", "vi", "espeak", "Giọng miền Bắc", "ready"] in lines
    assert ["piper:hum", "vi", "piper", "hum tiny", "ready"] in lines


def test_a_good_file_is_usable_and_a_sample_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tiny_piper.make(tmp_path / "hum.onnx")
    sample = tmp_path / "sample.wav"
    assert main(["voices", "check", str(model), "--write", str(sample)]) == 0
    told = capsys.readouterr().out
    assert "usable" in told
    assert "MiB" in told
    with wave.open(str(sample)) as heard:
        assert heard.getnframes() > heard.getframerate()


def test_a_file_that_is_no_voice_is_named_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tiny_piper.make(tmp_path / "hum.onnx")
    model.write_bytes(b"<html>not found</html>")
    assert main(["voices", "check", str(model)]) == 1
    assert "not usable" in capsys.readouterr().out
    assert main(["voices", "check", str(tmp_path / "none.onnx")]) == 1
    assert main(["voices", "check", "piper:none"]) == 2


def test_a_voice_of_another_language_is_looked_at_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tiny_piper.make(tmp_path / "hum.onnx", symbols="_^$ abc")
    assert main(["voices", "check", str(model)]) == 0
    assert "is it a Vietnamese voice?" in capsys.readouterr().out


def test_services_that_cannot_be_used_stop_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOAXA_VOICE_SERVICES", str(tmp_path / "none.toml"))
    assert main(["voices", "list"]) == 2
