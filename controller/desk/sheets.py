"""Tables that people bring and take away: CSV and XLSX, read as text with limits, formulas never evaluated."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from controller.desk.refusal import Refusal
from controller.language import n_

MAX_BYTES = 1_500_000
MAX_ROWS = 3_000
MAX_COLUMNS = 30
MAX_CELL = 500
MAX_UNPACKED = 40_000_000
"""What all parts of an XLSX may weigh unpacked."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""
SEPARATORS = (",", ";", "\t")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    number: bool = False
    """The spreadsheet kept it as a number: leading zeros are lost."""

    @property
    def formula(self) -> bool:
        return self.text.startswith(FORMULA)


@dataclass(frozen=True, slots=True)
class Row:
    """`number` as the spreadsheet counts, from 1."""

    number: int
    cells: tuple[Cell, ...]


def read_file(data: bytes) -> tuple[Row, ...]:
    """The rows of a CSV or of the first sheet of an XLSX, empty ones left out; raises Refusal."""
    if len(data) > MAX_BYTES:
        raise Refusal(
            "file-too-large",
            n_("Tệp lớn hơn %(limit)s kB. Hãy chia thành nhiều tệp."),
            field="file",
            params={"limit": MAX_BYTES // 1000},
        )
    return read_xlsx(data) if data[:4] == b"PK\x03\x04" else read_csv(decode(data))


def decode(data: bytes) -> str:
    """UTF-8, or UTF-16 when the file says so; raises Refusal."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Refusal(
            "bad-encoding",
            n_("Không đọc được chữ trong tệp. Hãy lưu lại dưới dạng CSV UTF-8 hoặc XLSX."),
            field="file",
        )
    return text


def read_csv(text: str) -> tuple[Row, ...]:
    """The separator is the one of , ; and tab that the first line has most of."""
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return _rows([Cell(value.strip(" ")) for value in line] for line in reader)
    except csv.Error as error:
        raise Refusal(
            "bad-csv",
            n_("Tệp CSV hỏng ở dòng %(line)s. Hãy kiểm tra dấu ngoặc kép, hoặc lưu lại dưới dạng XLSX."),
            field="file",
            params={"line": reader.line_num},
        ) from error


def read_xlsx(data: bytes) -> tuple[Row, ...]:
    _refuse_bomb(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            lines = sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1)
            return _rows([_cell(value) for value in line] for line in lines)
        finally:
            book.close()
    except Refusal:
        raise
    except Exception as error:  # whatever a broken workbook makes the reader do, the file is at fault
        raise _broken() from error


def _broken() -> Refusal:
    return Refusal("bad-xlsx", n_("Không đọc được tệp XLSX này. Hãy lưu lại, hoặc dùng CSV UTF-8."), field="file")


def _refuse_bomb(data: bytes) -> None:
    """Nothing that unpacks without end, and no document types: they are how XML explodes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise _broken()
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    content = archive.read(part)
                    if b"<!" in content.replace(b"\0", b"").replace(b"<!--", b""):
                        raise _broken()
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _broken() from error


def _cell(value: Any) -> Cell:
    if value is None:
        return Cell("")
    if isinstance(value, bool):
        return Cell(str(value))
    if isinstance(value, datetime):
        return Cell(value.date().isoformat())
    if isinstance(value, date):
        return Cell(value.isoformat())
    if isinstance(value, int | float):
        whole = int(value) if value == value and abs(value) < 1e15 and value == int(value) else value
        return Cell(str(whole), number=True)
    # A formula that the reader hands over as an object (an array formula) is one as well.
    return Cell(value.strip(" ")) if isinstance(value, str) else Cell("=")


def _rows(lines: Iterable[Sequence[Cell]]) -> tuple[Row, ...]:
    return tuple(_limited(lines))


def _limited(lines: Iterable[Sequence[Cell]]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        cells = list(line)
        while cells and not cells[-1].text:
            cells.pop()
        if not cells:
            continue
        if number > MAX_ROWS + 1:
            raise Refusal(
                "too-many-rows",
                n_("Tệp có hơn %(limit)s dòng. Hãy chia thành nhiều tệp."),
                field="file",
                params={"limit": MAX_ROWS},
            )
        if len(cells) > MAX_COLUMNS or any(len(cell.text) > MAX_CELL for cell in cells):
            raise Refusal(
                "row-too-long",
                n_("Dòng %(row)s quá dài. Mỗi dòng có nhiều nhất %(columns)s cột, mỗi ô %(length)s ký tự."),
                field="file",
                params={"row": number, "columns": MAX_COLUMNS, "length": MAX_CELL},
            )
        yield Row(number, tuple(cells))


def guarded(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return "'" + text if text.startswith(FORMULA) else text


def write_csv(lines: Iterable[Sequence[str]]) -> str:
    """CSV (RFC 4180), every cell guarded."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line in lines:
        writer.writerow([guarded(cell) for cell in line])
    return out.getvalue()
