"""Bad input to the demonstration is told before anything is started."""

from pathlib import Path

import pytest

from deploy.demo.source import BadInput, Source


def test_the_default_text_is_fit() -> None:
    Source().check()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for source in (Source(text=tmp_path / "none.txt"), Source(audio=tmp_path / "none.wav")):
        with pytest.raises(BadInput, match="cannot be read"):
            source.check()


@pytest.mark.parametrize(("content", "why"), [(b"", "is empty"), (b" \n\t", "no words"), (b"\xff\xfe\x00", "UTF-8")])
def test_a_text_that_says_nothing(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=why):
        Source(text=path).check()


def test_not_both(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not both"):
        Source(text=tmp_path / "a", audio=tmp_path / "b").check()


def test_a_recording_of_two_gigabytes_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(BadInput, match="larger than 200 MiB"):
        Source(audio=path).check()
