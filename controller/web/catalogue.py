"""The catalogue of every text a person sees: `python -m controller.web.catalogue` writes locale/loaxa.pot.

Vietnamese is the source text. A translation is a `locale/<language>/LC_MESSAGES/loaxa.po` made from it.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from controller.desk.values import FIELDS

CONTROLLER = Path(__file__).parents[1]
POT = Path(__file__).parent / "locale" / "loaxa.pot"

METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "n_": None, "gettext": None, "Refusal": (2,)}
"""A Refusal's second argument is its sentence."""
OPTIONS = {"web/templates/**.html": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}


def messages() -> Iterator[str]:
    """Every msgid, in the order of the files that show it."""
    found = extract_from_dir(CONTROLLER, METHODS, OPTIONS, KEYWORDS)
    for _, _, message, _, _ in sorted(found, key=lambda item: (item[0], item[1])):
        yield message if isinstance(message, str) else message[0]
    yield from FIELDS.values()


def catalogue() -> bytes:
    """The .pot file. Without dates and line numbers, so that it changes only when a text does."""
    catalog = Catalog(project="LoaXã", charset="utf-8", fuzzy=False)
    for message in dict.fromkeys(messages()):
        catalog.add(message)
    written = BytesIO()
    write_po(written, catalog, no_location=True, omit_header=True, width=0)
    return written.getvalue()


def main() -> None:
    temporary = POT.with_suffix(".part")
    temporary.write_bytes(catalogue())
    temporary.replace(POT)
    print(f"{POT.name}: {len(set(messages()))}")


if __name__ == "__main__":
    main()
