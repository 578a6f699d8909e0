"""The catalogues are true and complete, and every text in them can be formatted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.language import LANGUAGES, SOURCE
from controller.web import assets, catalogue

_TEXTS = re.compile(r"_\('[^']*'|ngettext\('[^']*', *'[^']*'|\{#.*?#\}", re.DOTALL)
_MARKED = re.compile(r"[À-ỹ]+")
_VALUES = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}")
RENEW = "run: python -m controller.web.catalogue"
OTHERS = [language for language in LANGUAGES if language != SOURCE]


def test_the_catalogue_is_up_to_date() -> None:
    assert catalogue.POT.read_bytes() == catalogue.catalogue(), RENEW


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_complete(language: str) -> None:
    assert catalogue.po_path(language).read_bytes() == catalogue.translation(language), RENEW
    assert catalogue.untranslated(language) == []


def said(language: str) -> Iterator[tuple[str, str]]:
    """Each source text with its translation; of a plural, each of its forms."""
    for message in catalogue.translated(language):
        if message.id:
            sources = [message.id] if isinstance(message.id, str) else list(message.id)
            texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
            yield from ((source, text) for source in sources[:1] for text in texts)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_carries_the_same_values(language: str) -> None:
    wrong = [text for source, text in said(language) if set(_VALUES.findall(source)) != set(_VALUES.findall(text))]
    assert wrong == []
    cut = [text for source, text in said(language) if (source[-1:] in ".:?") != (text[-1:] in ".:?")]
    assert cut == [], "a sentence stays a sentence"


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
