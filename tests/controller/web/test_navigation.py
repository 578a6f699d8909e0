"""The tabs and the pages inside them: only what a person may do, and where one is."""

import pytest

from controller.rights import EVERYWHERE, Grant, Role
from controller.web.navigation import TABS, pages, tabs

ADMIN = [Grant(Role.ADMINISTRATOR, EVERYWHERE)]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.VIEWER, ["Hôm nay", "Bản tin", "Lịch", "Cụm loa"]),
        (Role.EDITOR, ["Hôm nay", "Bản tin", "Lịch", "Duyệt", "Cụm loa"]),
        (Role.APPROVER, ["Hôm nay", "Bản tin", "Lịch", "Duyệt", "Cụm loa", "Quản trị"]),
        (Role.ADMINISTRATOR, ["Hôm nay", "Bản tin", "Lịch", "Duyệt", "Cụm loa", "Quản trị"]),
    ],
)
def test_only_what_one_may_do(role: Role, names: list[str]) -> None:
    assert [tab.name for tab in tabs([Grant(role, EVERYWHERE)], "/")] == names


def test_a_tab_leads_to_the_first_page_that_is_open() -> None:
    """An approver reads the audit, but keeps neither areas nor people."""
    (manage,) = [tab for tab in tabs([Grant(Role.APPROVER, EVERYWHERE)], "/") if tab.picture == "manage"]
    assert manage.path == "/nhat-ky"


@pytest.mark.parametrize(
    ("path", "tab", "page"),
    [
        ("/", "Hôm nay", None),
        ("/luot-phat/b-1", "Hôm nay", None),
        ("/ban-tin/moi", "Bản tin", "Bản tin"),
        ("/thu-vien", "Bản tin", "Thư viện"),
        ("/thu-vien/am-thanh", "Bản tin", "Âm thanh"),
        ("/lich/sc-1", "Lịch", "Lịch phát"),
        ("/lichsu", None, None),
        ("/doi-mat-khau", None, None),
    ],
)
def test_where_one_is(path: str, tab: str | None, page: str | None) -> None:
    assert [each.name for each in tabs(ADMIN, path) if each.here] == ([tab] if tab else [])
    assert [each.name for each in pages(ADMIN, path) if each.here] == ([page] if page else [])


def test_no_page_stands_twice() -> None:
    paths = [place.path for tab in TABS for place in tab.inside]
    assert len(paths) == len(set(paths))
    assert all(place.operations for tab in TABS for place in tab.inside)
