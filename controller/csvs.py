"""Rows as CSV (RFC 4180) that a spreadsheet opens without running anything of it."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

BOM = "\ufeff"
"""First in a file, so that spreadsheets read UTF-8."""
_NEXT = re.compile(r"""([;\t\r\n]["' ]*)(?=[=+\-@])""")
"""Where a spreadsheet that parts cells by another sign, as a Vietnamese one does, would begin a formula."""
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> str:
    """A value as text; what a spreadsheet would take for a formula gets an apostrophe in front (CWE-1236)."""
    text = "" if value is None else str(value)
    text = f"'{text}" if text.startswith(_ACTIVE) and not _is_number(text) else text
    return _NEXT.sub(r"\1'", text)


def _is_number(text: str) -> bool:
    return text[0] in "+-" and text[1:].replace(".", "", 1).isdecimal()


def csv_row(cells: Iterable[object]) -> str:
    """One line with its end."""
    written = StringIO()
    csv.writer(written).writerow([safe_cell(cell) for cell in cells])
    return written.getvalue()


def csv_file(head: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A whole file."""
    return (BOM + csv_row(head) + "".join(csv_row(row) for row in rows)).encode()
