"""The catalogues of every text a person sees: `python -m controller.web.catalogue` brings them up to date.

Vietnamese is the source text. locale/loaxa.pot holds all of it; a translation is
locale/<language>/LC_MESSAGES/loaxa.po, into which new texts are put with an empty translation.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from audio.refusals import REFUSALS
from audio.sources import STEP_WORDS
from audio.speech.voice import FAILURES
from audio.speech.voices import BUILT_IN
from audio.verdicts import VERDICTS
from controller.desk.values import FIELDS
from controller.language import LANGUAGES, LOCALE, SOURCE

CONTROLLER = Path(__file__).parents[1]
SCHEDULES = CONTROLLER.parent / "schedules"
"""What could not be understood of a time in words is said there."""
POT = LOCALE / "loaxa.pot"

METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "n_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "Refusal": (2,),
}
"""A Refusal's second argument is its sentence."""
OPTIONS = {"web/templates/**.html": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}

HEADER = """\
# LoaXã: {name}
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"

"""

Text = str | tuple[str, ...] | list[str]


def messages() -> Iterator[Text]:
    """Every msgid, with its plural where it has one."""
    for room in (CONTROLLER, SCHEDULES):
        found = extract_from_dir(room, METHODS, OPTIONS, KEYWORDS)
        for _, _, message, _, _ in found:
            yield message
    yield from FIELDS.values()
    yield from STEP_WORDS.values()
    yield from FAILURES.values()
    yield from (each.label for each in BUILT_IN)
    for sentence, what_to_do in REFUSALS.values():
        yield sentence
        yield what_to_do
    for words in VERDICTS.values():
        yield words.sentence
        yield words.what_to_do


def _first(message: Text) -> str:
    return message if isinstance(message, str) else message[0]


def texts() -> Catalog:
    """All texts, without translations; in the order of the alphabet, whichever file they are in."""
    catalog = Catalog(project="LoaXã", charset="utf-8", fuzzy=False)
    for message in sorted({each for each in messages() if each}, key=_first):
        catalog.add(message)
    return catalog


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "loaxa.po"


def translated(language: str) -> Catalog:
    """The translation as it is kept; an empty one if there is none yet."""
    path = po_path(language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(catalog: Catalog) -> bytes:
    """Without dates and line numbers, so that a file changes only when a text does."""
    octets = BytesIO()
    write_po(octets, catalog, no_location=True, omit_header=True, width=0)
    return octets.getvalue()


def catalogue() -> bytes:
    """The .pot file."""
    return written(texts())


def translation(language: str) -> bytes:
    """The .po file: what was translated, less the texts that are gone, and the new ones empty."""
    catalog, kept = Catalog(locale=language, charset="utf-8", fuzzy=False), translated(language)
    for message in texts():
        if message.id:
            known = kept.get(message.id if isinstance(message.id, str) else message.id[0])
            catalog.add(message.id, known.string if known else "")
    header = HEADER.format(name=LANGUAGES[language], language=language, plural=kept.plural_forms)
    return header.encode() + written(catalog)


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.replace(path)


def untranslated(language: str) -> list[Text]:
    """The texts of which the translation says nothing."""
    return [message.id for message in translated(language) if message.id and not _all_said(message)]


def _all_said(message: Message) -> bool:
    said = message.string
    return bool(said) if isinstance(said, str) else bool(said) and all(said or ())


def main() -> None:
    _keep(POT, catalogue())
    print(f"{POT.name}: {len(texts())}")
    for language in LANGUAGES:
        if language != SOURCE:
            _keep(po_path(language), translation(language))
            print(f"{language}: {len(untranslated(language))} without a translation")


if __name__ == "__main__":
    main()
