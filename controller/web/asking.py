"""What a list was asked for, and the address of another of its pages."""

from dataclasses import dataclass, fields
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Listed:
    """A search as its form says it: each field is one of the address, `_` written `-`; "" is left out."""

    def link(self, path: str, page: int) -> str:
        asked = {each.name.replace("_", "-"): getattr(self, each.name) for each in fields(self)}
        query = {name: text for name, text in asked.items() if text} | ({"trang": str(page)} if page > 1 else {})
        return f"{path}?{urlencode(query)}" if query else path
