"""Finding which of many written forms stands at a place in a text, in a time that does not grow with the table."""

from collections.abc import Mapping

_HEAD = 2
"""Characters by which the forms are indexed."""


class Lookup:
    """Written form → reading. The longest form that stands there wins; a form never ends inside a word or number."""

    def __init__(self, table: Mapping[str, str], *, any_case: bool = False) -> None:
        """`any_case`: forms are given in small letters and found however they are written."""
        self._table, self._any_case = dict(table), any_case
        self._heads: dict[str, list[str]] = {}
        for form in sorted(table, key=len, reverse=True):
            self._heads.setdefault(form[:_HEAD], []).append(form)

    def __contains__(self, form: str) -> bool:
        return form in self._table

    def find(self, text: str, at: int) -> tuple[str, str] | None:
        """What was written at `at` and how it is read."""
        head = text[at : at + _HEAD]
        for form in self._heads.get(head.lower() if self._any_case else head, ()):
            written = text[at : at + len(form)]
            if (written.lower() if self._any_case else written) == form and _ends(text, at + len(form)):
                return written, self._table[form]
        return None


def _ends(text: str, end: int) -> bool:
    last, following = text[end - 1], text[end : end + 1]
    if last.isdigit():
        return not following.isdigit()
    return not (last.isalpha() and following.isalpha())
