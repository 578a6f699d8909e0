"""The language in which the present request is answered: gettext catalogues, Vietnamese being the source."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "web" / "locale"
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
SOURCE = "vi"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


def language() -> str:
    """`vi` or `en`: of the request that is being answered, else Vietnamese."""
    return _language.get()


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Answer in `chosen` inside the block (this thread or task); an unknown language is Vietnamese."""
    before = _language.set(chosen if chosen in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _language.reset(before)


@cache
def _catalogue(chosen: str) -> gettext.NullTranslations:
    return gettext.translation("loaxa", LOCALE, [chosen], fallback=True)


def _(text: str) -> str:
    """The text in the present language."""
    return _catalogue(language()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The same for a count; the source language has one form for both."""
    return _catalogue(language()).ngettext(one, many, count)


def n_(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text
