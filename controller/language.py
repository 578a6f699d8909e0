"""The language in which the present request is answered: gettext catalogues, Vietnamese being the source."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "web" / "locale"
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
SOURCE = "vi"
_REGIONS = {"vi": "vi_VN", "en": "en_GB"}


@dataclass(slots=True)
class _Answer:
    """One answer's language. Mutable, so that what a worker thread learns of the person holds for all of it."""

    language: str


_answer: ContextVar[_Answer | None] = ContextVar("answer", default=None)


def language() -> str:
    """`vi` or `en`: of the request that is being answered, else Vietnamese."""
    answer = _answer.get()
    return answer.language if answer else SOURCE


def region() -> str:
    """The same as Babel names it: days, months and numbers are written as people of `vi_VN` or `en_GB` do."""
    return _REGIONS[language()]


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Answer in `chosen` inside the block (this thread or task); an unknown language is Vietnamese."""
    before = _answer.set(_Answer(chosen if chosen in LANGUAGES else SOURCE))
    try:
        yield
    finally:
        _answer.reset(before)


def speak(chosen: str) -> None:
    """Go on in `chosen` until the end of the block of `speaking`; "" and unknown languages change nothing."""
    answer = _answer.get()
    if answer is not None and chosen in LANGUAGES:
        answer.language = chosen


@cache
def _catalogue(chosen: str) -> gettext.NullTranslations:
    """Compiled here from the .po file, so that there is nothing to build and nothing that can be out of date."""
    path = LOCALE / chosen / "LC_MESSAGES" / "loaxa.po"
    if not path.is_file():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=chosen))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(text: str) -> str:
    """The text in the present language."""
    return _catalogue(language()).gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The same for a count; the source language has one form for both."""
    return _catalogue(language()).ngettext(one, many, count)


def n_(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text
