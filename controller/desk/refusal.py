"""Refusal: a person asked for something that cannot be done; it says why and what to do."""

from collections.abc import Mapping

from controller.language import n_


class Refusal(Exception):
    """Rendered once, by the web room, as a form message or as an RFC 9457 problem.

    `code` is a stable kebab-case name, `status` the HTTP status, `field` the form field it belongs to ("" for
    the whole), `message` a gettext msgid in Vietnamese, formatted with `params` after translation.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 422, field: str = "", params: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message % dict(params or {}))
        self.code = code
        self.status = status
        self.field = field
        self.message = message
        self.params = dict(params or {})


def forbidden() -> Refusal:
    """What a person hears who may not do it."""
    return Refusal(
        "forbidden",
        n_("Bạn không có quyền làm việc này ở địa bàn này. Hãy hỏi quản trị viên nếu công việc của bạn cần quyền đó."),
        status=403,
    )
