"""Where one can go: the tabs of every page and the pages inside each, as a person may see them."""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.language import n_
from controller.rights import Grant, Operation, allows


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the navigation leads to, for whoever may do one of `operations`.

    `below` are further beginnings of paths that belong to it.
    """

    path: str
    name: str
    operations: tuple[Operation, ...]
    below: tuple[str, ...] = ()

    def holds(self, path: str) -> int:
        """How much of `path` is this page's: the longest match names the page; 0 for none."""
        return max(len(each) if _within(path, each) else 0 for each in (self.path, *self.below))


def _within(path: str, beginning: str) -> bool:
    return path == beginning or (beginning != "/" and path.startswith(f"{beginning}/"))


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the few things that fit at the foot of a phone; `inside` has at least one page."""

    name: str
    picture: str
    inside: tuple[Place, ...]


TABS: tuple[Tab, ...] = (
    Tab(n_("Hôm nay"), "today", (Place("/", n_("Hôm nay"), (Operation.SEE,), ("/luot-phat",)),)),
    Tab(
        n_("Bản tin"),
        "list",
        (
            Place("/ban-tin", n_("Bản tin"), (Operation.SEE,)),
            Place("/mau-chuong-trinh", n_("Mẫu"), (Operation.COMPOSE,)),
            Place("/thu-vien", n_("Thư viện"), (Operation.SEE,)),
            Place("/thu-vien/ban-ghi", n_("Bản ghi"), (Operation.SEE,)),
            Place("/thu-vien/am-thanh", n_("Âm thanh"), (Operation.SEE,)),
            Place("/cach-doc", n_("Cách đọc"), (Operation.SEE,)),
        ),
    ),
    Tab(
        n_("Lịch"),
        "calendar",
        (
            Place("/lich", n_("Lịch phát"), (Operation.SEE,)),
            Place("/dong-thoi-gian", n_("Loa phát gì?"), (Operation.SEE,)),
            Place("/lich/nhap", n_("Nhập lịch"), (Operation.COMPOSE,)),
        ),
    ),
    Tab(n_("Duyệt"), "approve", (Place("/duyet", n_("Duyệt"), (Operation.APPROVE, Operation.COMPOSE)),)),
    Tab(
        n_("Cụm loa"),
        "horn",
        (
            Place("/cum-loa", n_("Cụm loa"), (Operation.SEE,)),
            Place("/cum-loa/nhom", n_("Nhóm loa"), (Operation.SEE,)),
            Place("/cum-loa/moi", n_("Loa mới"), (Operation.TEND,)),
        ),
    ),
    Tab(
        n_("Quản trị"),
        "manage",
        (
            Place("/dia-ban", n_("Địa bàn"), (Operation.ARRANGE,)),
            Place("/nguoi-dung", n_("Người dùng"), (Operation.STAFF,)),
            Place("/nhat-ky", n_("Nhật ký"), (Operation.AUDIT,)),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A tab or a page as it is shown to one person who is at some path."""

    path: str
    name: str
    picture: str = ""
    here: bool = False


def tabs(grants: Iterable[Grant], path: str) -> tuple[Shown, ...]:
    """The tabs with something in them for these grants; each leads to the first such page."""
    grants, current = tuple(grants), _current(path)
    found = ((tab, _open(tab, grants)) for tab in TABS)
    return tuple(Shown(places[0].path, tab.name, tab.picture, tab is current) for tab, places in found if places)


def pages(grants: Iterable[Grant], path: str) -> tuple[Shown, ...]:
    """The pages of the tab that `path` lies in; none when there is no choice."""
    current = _current(path)
    places = _open(current, tuple(grants)) if current else ()
    nearest = max((place.holds(path) for place in places), default=0)
    shown = tuple(Shown(place.path, place.name, here=0 < place.holds(path) == nearest) for place in places)
    return shown if len(shown) > 1 else ()


def _open(tab: Tab, grants: tuple[Grant, ...]) -> tuple[Place, ...]:
    return tuple(place for place in tab.inside if any(allows(grants, each) for each in place.operations))


def _current(path: str) -> Tab | None:
    best = max(TABS, key=lambda tab: max(place.holds(path) for place in tab.inside))
    return best if any(place.holds(path) for place in best.inside) else None
