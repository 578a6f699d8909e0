"""A sound that a form hands in: with the form itself, or sent before in pieces and named by the form."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from controller.desk.refusal import Refusal
from controller.language import n_
from controller.web import tus
from controller.web.services import Services
from controller.web.session import SignedIn
from controller.web.upload import Upload

FIELD = "upload"
"""The form's field with the id of what was sent before (`/api/v1/uploads`)."""


@contextmanager
def handed_in(
    here: Services, signed: SignedIn, received: Upload, fields: Mapping[str, str]
) -> Iterator[tuple[Path, str]]:
    """The file and its name. What was sent in pieces is forgotten on leaving, unless something was refused.

    Refusal `no-file`, `upload-gone` (not there, or somebody else's), `upload-unfinished`.
    """
    if received.path is not None:
        yield received.path, received.filename
        return
    if not fields.get(FIELD):
        raise Refusal("no-file", n_("Hãy chọn một tệp âm thanh để tải lên."), field="file")
    found = here.incoming.find(fields[FIELD], signed.person.username)
    if found is None:
        raise tus.gone()
    if not found.whole:
        raise Refusal("upload-unfinished", n_("Tệp chưa tải lên xong. Hãy chờ tải xong rồi gửi lại."), field="file")
    yield here.incoming.file_of(found), found.filename
    here.incoming.remove(found)
