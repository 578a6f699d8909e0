"""Receive a multipart form whose file goes straight to disk, part by part, and never into memory."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from controller.desk.refusal import Refusal
from controller.language import n_

FILE: Final = {"type": "string", "format": "binary"}
TEXT: Final = {"type": "string"}
MAX_FIELDS = 40
MAX_FIELD_BYTES = 1_000_000
SUFFIX = ".incoming"


def described(required: str, properties: Mapping[str, object]) -> dict[str, Any]:
    """For OpenAPI: an operation that takes such a form, with these properties."""
    schema = {"type": "object", "required": [required], "properties": dict(properties)}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@dataclass(slots=True)
class Upload:
    """The form's text fields and the one file; `path` is None when no file was chosen."""

    fields: dict[str, str] = field(default_factory=dict)
    path: Path | None = None
    filename: str = ""


def _malformed() -> Refusal:
    return Refusal("malformed-form", n_("Biểu mẫu gửi lên bị hỏng. Hãy tải lại trang rồi gửi lại."), status=400)


class _Reader:
    """Callbacks of the parser. `before_file` is asked with the fields so far before a file is opened."""

    def __init__(self, into: Path, before_file: Callable[[dict[str, str]], None]) -> None:
        self.upload = Upload()
        self._into = into
        self._before_file = before_file
        self._header = [bytearray(), bytearray()]
        self._disposition = b""
        self._name = ""
        self._value = bytearray()
        self.file: IO[bytes] | None = None

    def part_begin(self) -> None:
        self._disposition, self._name, self._value = b"", "", bytearray()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])
        self._header = [bytearray(), bytearray()]

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if not self._name or len(self.upload.fields) >= MAX_FIELDS:
            raise _malformed()
        if b"filename" in options:
            self._open(options[b"filename"].decode("utf-8", "replace"))

    def _open(self, filename: str) -> None:
        if not filename:
            return
        if self.upload.path is not None:
            raise _malformed()
        self._before_file(self.upload.fields)
        self._into.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._into, suffix=SUFFIX)
        self.file = open(descriptor, "wb")  # noqa: SIM115 - closed by part_end or close
        self.upload.path, self.upload.filename = Path(name), filename

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self.file is not None:
            self.file.write(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise Refusal("field-too-large", n_("Nội dung quá dài. Hãy rút ngắn rồi gửi lại."), field=self._name)

    def part_end(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None
            return
        # Browsers send line ends in forms as CR LF.
        self.upload.fields[self._name] = self._value.decode("utf-8", "replace").replace("\r\n", "\n")

    def parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self.part_begin,
                "on_part_data": self.part_data,
                "on_part_end": self.part_end,
                "on_header_field": self.header_field,
                "on_header_value": self.header_value,
                "on_header_end": self.header_end,
                "on_headers_finished": self.headers_finished,
            },
        )

    def close(self) -> None:
        """Close, and remove the file unless the desk has moved it away."""
        if self.file is not None:
            self.file.close()
        if self.upload.path is not None:
            with contextlib.suppress(FileNotFoundError):
                self.upload.path.unlink()


@asynccontextmanager
async def receive(request: Request, into: Path, before_file: Callable[[dict[str, str]], None]) -> AsyncIterator[Upload]:
    """The form as it came; whatever file is still in `into` on leaving is removed.

    Raises Refusal `malformed-form`, `field-too-large`, and whatever `before_file` or the body limit raise.
    """
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise _malformed()
    reader = _Reader(into, before_file)
    try:
        parser = reader.parser(options[b"boundary"])
        async for chunk in request.stream():
            await run_in_threadpool(parser.write, chunk)
        parser.finalize()
        if reader.file is not None:
            raise _malformed()
        yield reader.upload
    except FormParserError as error:
        raise _malformed() from error
    finally:
        reader.close()


def clear_leftovers(into: Path) -> None:
    """Remove what a crash left half received."""
    for path in into.glob(f"*{SUFFIX}"):
        path.unlink(missing_ok=True)
