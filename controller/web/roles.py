"""The words for roles, for what they may do, and for the browsers in which people are signed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.desk.refusal import Refusal
from controller.desk.values import AreaNode
from controller.language import n_
from controller.rights import EVERYWHERE, Grant, Operation, Role
from schedules.areas import AreaTree
from schedules.units import AreaId

ROLES: Mapping[Role, str] = {
    Role.EDITOR: n_("Biên tập viên"),
    Role.APPROVER: n_("Người duyệt"),
    Role.TECHNICIAN: n_("Cán bộ kỹ thuật"),
    Role.VIEWER: n_("Người theo dõi"),
    Role.ADMINISTRATOR: n_("Quản trị viên"),
}

OPERATIONS: Mapping[Operation, str] = {
    Operation.SEE: n_("xem chương trình, bản tin và cụm loa"),
    Operation.COMPOSE: n_("soạn bản tin, xếp lịch và gửi duyệt"),
    Operation.APPROVE: n_("duyệt, từ chối, thu hồi"),
    Operation.STOP: n_("hủy, dừng phát và kết thúc lịch"),
    Operation.TEND: n_("chăm sóc cụm loa, nhóm loa và phát tiếng thử"),
    Operation.ARRANGE: n_("sắp xếp địa bàn, ngày nghỉ và giới hạn phát"),
    Operation.STAFF: n_("mời người, cấp quyền và khóa tài khoản"),
    Operation.AUDIT: n_("xem và xuất nhật ký"),
    Operation.OWN: n_("giữ tài khoản của chính mình"),
}

EVERYWHERE_WORDS = n_("toàn hệ thống")


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One right as a form shows it: `value` is `role@area`."""

    value: str
    role: str
    area: str
    ended: bool


def grant_lines(grants: Iterable[Grant], tree: AreaTree) -> list[GrantLine]:
    """msgids of roles, names of areas; an area that is not of the day keeps its identifier."""
    return [
        GrantLine(
            f"{grant.role}@{grant.area}",
            ROLES[grant.role],
            tree.areas[grant.area].full_name if grant.area in tree.areas else str(grant.area),
            grant.area != EVERYWHERE and grant.area not in tree.areas,
        )
        for grant in grants
    ]


def read_grant(value: str) -> Grant:
    """ "editor@dam-ha-06895" as a right; "administrator@" is everywhere."""
    role, at, area = value.partition("@")
    if not at or role not in Role.__members__.values():
        raise Refusal("bad-grant", n_("Vai trò chưa đúng. Hãy chọn lại vai trò và địa bàn."), field="role")
    return Grant(Role(role), AreaId(area))


def flat(nodes: Iterable[AreaNode]) -> list[AreaNode]:
    """The tree as a list, each before those below it."""
    return [found for node in nodes for found in (node, *flat(node.children))]


BROWSERS = ("Edg", "OPR", "SamsungBrowser", "CocCoc", "coc_coc_browser", "Firefox", "CriOS", "Chrome", "Safari")
NAMES = {"Edg": "Edge", "OPR": "Opera", "CriOS": "Chrome", "coc_coc_browser": "Cốc Cốc", "CocCoc": "Cốc Cốc"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


def browser_words(device: str) -> str:
    """ "Firefox · Android" of what the browser says of itself; its own words when it is none that we know."""
    browser = next((NAMES.get(each, each) for each in BROWSERS if f"{each}/" in device), "")
    system = next((each for each in SYSTEMS if each in device), "")
    return " · ".join(part for part in (browser, system) if part) or device[:60]
