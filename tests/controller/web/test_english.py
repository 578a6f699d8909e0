"""Read in English, no page says anything in Vietnamese but names, what people wrote, and examples of it."""

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser

import pytest

from controller.rights import EVERYWHERE, Role
from controller.web.app import PAGE_ROUTERS
from tests.controller.web.conftest import Site, Visitor
from tests.controller.world import TOWN, World, when_daily

ITS_OWN = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹàáãèéìíòóõùúýĩũ]", re.IGNORECASE)
SAID_TO_PEOPLE = ("title", "aria-label", "placeholder", "alt")
EXAMPLES = (
    re.compile("“[^”]*”"),
    re.compile("thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12"),
    re.compile("hàng ngày 5h, phát 3 lần cách nhau 10 phút, trừ ngày lễ"),
    re.compile("Mã; Loại; Tên; Thuộc; Từ ngày|Only Tên is"),
    re.compile(r"\(xã, thôn, khu phố…\)"),
    re.compile("khu du lịch Tuần Mã"),
)


class Said(HTMLParser):
    """What a page says to people, in its text and in attributes; what is marked as Vietnamese left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._closed: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.parts += [said for name in SAID_TO_PEOPLE if (said := given.get(name))]
        if tag not in ("input", "br", "meta", "link", "img", "hr", "wbr", "source"):
            self._closed.append(given.get("lang") == "vi")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self._closed:
            self._closed.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._closed):
            self.parts.append(data)


def names(world: World) -> list[str]:
    """What people called places and things, the longest first."""
    with world.store.read() as unit:
        places = world.room.places(unit)
        areas = [each for area in places.tree.areas.values() for each in (area.full_name, area.name, area.kind)]
        found = [*areas, *(speaker.name for speaker in places.speakers.values())]
    return sorted({*found, "LoaXã", "Ông", "Thông báo", "Kính mời bà con"}, key=len, reverse=True)


def addresses(site: Site) -> Iterator[str]:
    """Every page, with something in each that takes a name."""
    world = site.world
    world.add_speaker("loa1", TOWN)
    broadcasts = world.schedule(when_daily(date(2026, 12, 8)))
    with world.store.read() as unit:
        planned = unit.broadcasts.get(broadcasts[0])
        assert planned is not None
        (change,) = (entry.subject for entry in unit.audit.walk() if entry.action == "change.approve")
    known = {
        "bulletin": planned.bulletin,
        "schedule": planned.schedule,
        "broadcast": planned.broadcast.id,
        "area": TOWN,
        "speaker": "loa1",
        "deed": "doi-ten",
        "change": change.partition(":")[2],
        "user": site.client.person.id,
        "clip": planned.broadcast.clips[0].id,
        "original": "2026-12-09T17:00:00",
        "token": "unknown",
    }
    for router in PAGE_ROUTERS:
        for route in router.routes:
            # The clips of this world are no sound, and what is made of them is none.
            if "GET" in getattr(route, "methods", ()) and route.path != "/su-kien" and not route.path.endswith(".ogg"):
                path: str = route.path
                yield re.sub(r"\{(\w+)(:\w+)?\}", lambda found: str(known.get(found[1], "none")), path)


def foreign(visitor: Visitor, address: str, known: list[str]) -> list[str]:
    """What is left in Vietnamese on the page."""
    answer = visitor.get(address)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    assert answer.status_code < 500, address
    found = []
    for part in Said(answer.text).parts:
        rest = part
        for example in EXAMPLES:
            rest = example.sub("", rest)
        for name in known:
            rest = rest.replace(name, "")
        if ITS_OWN.search(rest):
            found.append(f"{address}: {part.strip()}")
    return found


@pytest.mark.timeout(120)
def test_every_page(site: Site) -> None:
    visitor = site.client
    visitor.cookies.set("loaxa_language", "en")
    every = list(dict.fromkeys(addresses(site)))
    assert len(every) > 40
    known = names(site.world)
    assert [each for address in every for each in foreign(visitor, address, known)] == []
    viewer = site.as_(Role.VIEWER, EVERYWHERE)
    viewer.cookies.set("loaxa_language", "en")
    assert foreign(viewer, "/nguoi-dung", known) == [], "a refusal"
