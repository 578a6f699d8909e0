"""What may stand in a bulletin: characters that can be kept and signed, a title, lengths that can be read out."""

from audio.sources import Limits
from audio.speech.legacy import legacy
from controller.desk.refusal import Refusal
from controller.desk.values import FIELDS, NewBulletin
from controller.language import n_

MAX_TITLE = 200
MAX_NOTE = 2_000


def check_characters(text: str, field: str) -> None:
    """PostgreSQL keeps no U+0000, UTF-8 no surrogate, and no signed document carries either."""
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise Refusal("bad-character", n_("Mục này có ký tự không hợp lệ. Hãy xóa và gõ lại."), field=field)


def check_new(new: NewBulletin) -> None:
    for name in ("title", "summary", "author", "source", "language"):
        check_characters(getattr(new, name), name)
    if not new.title.strip():
        raise Refusal("no-title", "Chưa có tiêu đề. Hãy nhập tiêu đề bản tin.", field="title")
    if len(new.title) > MAX_TITLE:
        raise Refusal(
            "title-too-long",
            "Tiêu đề dài hơn %(limit)s ký tự. Hãy rút gọn tiêu đề.",
            field="title",
            params={"limit": MAX_TITLE},
        )
    for name in ("summary", "author", "source", "language"):
        if len(getattr(new, name)) > MAX_NOTE:
            raise Refusal(
                "note-too-long", "Mục này dài hơn %(limit)s ký tự. Hãy rút gọn.", field=name, params={"limit": MAX_NOTE}
            )
    if new.field not in FIELDS:
        raise Refusal("unknown-field", "Không có lĩnh vực này. Hãy chọn lại lĩnh vực.", field="field")


def check_text(text: str) -> None:
    check_characters(text, "text")
    if not text.strip():
        raise Refusal("empty-text", "Chưa có nội dung. Hãy nhập nội dung bản tin.", field="text")
    check_length(text)
    check_encoding(text)


def check_encoding(text: str) -> None:
    """What was typed with the fonts from before Unicode would be read as nonsense."""
    found = legacy(text)
    if found is not None:
        raise Refusal(
            "legacy-text",
            n_("Văn bản dùng bảng mã cũ (%(encodings)s) nên không đọc được. Hãy bấm “Chuyển sang Unicode” rồi lưu."),
            field="text",
            params={"encodings": ", ".join(found.encodings)},
        )


def check_length(text: str) -> None:
    limit = Limits().text_characters
    if len(text) > limit:
        raise Refusal(
            "text-too-long",
            "Nội dung dài %(length)s ký tự, nhiều hơn mức cho phép là %(limit)s. "
            "Hãy rút gọn hoặc chia thành nhiều bản tin.",
            field="text",
            params={"length": len(text), "limit": limit},
        )
