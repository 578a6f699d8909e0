"""The catalogue of texts is true, and every text in it can be formatted."""

import re
from pathlib import Path

import pytest

from controller.web import assets, catalogue

_TEXTS = re.compile(r"_\('[^']*'|\{#.*?#\}", re.DOTALL)
_MARKED = re.compile(r"[À-ỹ]+")


def test_the_catalogue_is_up_to_date() -> None:
    assert catalogue.POT.read_bytes() == catalogue.catalogue(), "run: python -m controller.web.catalogue"


def test_the_templates_hold_no_bare_words() -> None:
    """Letters with Vietnamese marks stand only inside of gettext calls or comments."""
    for path in (catalogue.CONTROLLER / "web" / "templates").glob("*.html"):
        text = _TEXTS.sub("", path.read_text()).replace("LoaXã", "")
        assert not _MARKED.search(text), (path.name, _MARKED.search(text))


def test_assets_are_copied_whole_or_named_when_missing(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    for source in assets.ASSETS:
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(source)
    copied = assets.copy(modules, tmp_path / "vendor")
    assert sorted(path.name for path in copied) == sorted(assets.ASSETS.values())
    (modules / next(iter(assets.ASSETS))).unlink()
    with pytest.raises(FileNotFoundError):
        assets.copy(modules, tmp_path / "vendor")
