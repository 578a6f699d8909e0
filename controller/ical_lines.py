"""The components of an iCalendar file (RFC 5545, 3.4) as plain values; whatever the bytes are, it ends soon."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_BYTES = 2_000_000
MOST_COMPONENTS = 2_000
_MOST_DEEP = 4
_TEXTS = {"SUMMARY", "UID", "STATUS"}
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_VALUE}(?:,{_VALUE})*)*):(.*)", re.DOTALL)
_PARAM = re.compile(rf";([A-Za-z0-9-]+)=({_VALUE}(?:,{_VALUE})*)")


class Unreadable(ValueError):
    """Nothing can be read of the file; `why` is the name of the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Property:
    """One content line; parameter names in upper case."""

    name: str
    value: str
    params: Mapping[str, str]
    line: int


@dataclass(slots=True)
class Component:
    """BEGIN … END. `broken` are the numbers of lines inside that are no content lines."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def text(self, name: str) -> str:
        """The value of the first property of that name, "" if there is none."""
        return next((each.value for each in self.properties if each.name == name), "")


def components(data: bytes) -> list[Component]:
    """The components directly inside the VCALENDARs, in order, without what is inside them; raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("too-big")
    found: list[Component] = []
    open_names: list[str] = []
    for number, text in _unfolded(data):
        name, params, value = _parts(text)
        if name == "BEGIN":
            open_names.append(value.upper())
            if len(open_names) == 2:
                found.append(Component(value.upper(), number))
            if len(open_names) > _MOST_DEEP or len(found) > MOST_COMPONENTS:
                raise Unreadable("too-many")
        elif name == "END":
            if not open_names or open_names.pop() != value.upper():
                raise Unreadable("no-calendar")
        elif len(open_names) == 2:
            _add(found[-1], number, name, params, value)
        if open_names and open_names[0] != "VCALENDAR":
            raise Unreadable("no-calendar")
    if open_names or (not found and b"VCALENDAR" not in data.upper()):
        raise Unreadable("no-calendar")
    return found


def _add(component: Component, number: int, name: str, params: Mapping[str, str], value: str) -> None:
    if not name:
        component.broken.append(number)
        return
    if name in _TEXTS:
        value = _unescaped(value)
    component.properties.append(Property(name, value, params, number))


def _unfolded(data: bytes) -> Iterator[tuple[int, str]]:
    """(line number, whole content line)"""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not-utf8") from error
    number, parts = 0, list[str]()
    for at, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield number, "".join(parts)
        number, parts = at, [line] if line.strip() else []
    if parts:
        yield number, "".join(parts)


def _parts(text: str) -> tuple[str, dict[str, str], str]:
    """(name, parameters, value); a name of "" where it is no content line."""
    match = _LINE.fullmatch(text)
    if match is None:
        return "", {}, ""
    params = {name.upper(): value.replace('"', "") for name, value in _PARAM.findall(match[2])}
    return match[1].upper(), params, match[3]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], text)
