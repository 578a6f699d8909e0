"""Người dùng: who works here with which rights, invitations, and what an administrator may do with an account."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from controller.desk.joining import Joining
from controller.desk.people import PersonView, Roster
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import EVERYWHERE, TABLE, Grant, Operation, Role
from controller.web import roles
from controller.web.pages.frame import show, told
from controller.web.pages.sign_in import Text, entered
from controller.web.render import go, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, check_same_site, needs, visit_of
from schedules.areas import AreaTree

router = APIRouter(include_in_schema=False)
STAFF = needs(Operation.STAFF)
ALL = "*"
"""What the select of places says for everywhere: an empty choice is none."""


def _tree(here: Services) -> AreaTree:
    with here.room.store.read() as unit:
        return here.room.tree(unit)


def _choices(here: Services, signed: SignedIn) -> dict[str, Any]:
    """What the selects of a right offer."""
    tree, all_of_it = _tree(here), Grant(Role.ADMINISTRATOR, EVERYWHERE)
    return {
        "roles": roles.ROLES,
        "operations": roles.OPERATIONS,
        "table": TABLE,
        "places": roles.flat(here.desk.areas(signed.person, Operation.STAFF)),
        "lines": lambda grants: roles.grant_lines(grants, tree),
        "everywhere": all_of_it in signed.person.grants,
        "browser": roles.browser_words,
    }


@router.get("/nguoi-dung", dependencies=[STAFF])
def people(request: Request, here: Here, signed: Staff) -> Response:
    roster = Roster(here.room)
    return show(
        here,
        request,
        signed,
        "people.html",
        everybody=roster.everybody(signed.person),
        invitations=roster.invitations(signed.person),
        **_choices(here, signed),
    )


@router.get("/nguoi-dung/moi", dependencies=[STAFF])
def invite_page(request: Request, here: Here, signed: Staff) -> Response:
    return _invite_form(request, here, signed, FormData())


def _invite_form(
    request: Request, here: Services, signed: SignedIn, form: FormData, refusal: Refusal | None = None
) -> Response:
    return show(
        here,
        request,
        signed,
        "invite.html",
        status=refusal.status if refusal else 200,
        form=form,
        error=told(here, refusal) if refusal else None,
        **_choices(here, signed),
    )


@router.post("/nguoi-dung/moi", dependencies=[STAFF, Guard])
async def invite(request: Request, here: Here, signed: Staff) -> Response:
    form = await request.form()
    return await run_in_threadpool(_invite, request, here, signed, form)


def _invite(request: Request, here: Services, signed: SignedIn, form: FormData) -> Response:
    try:
        name = str(form.get("display_name", ""))
        token = Roster(here.room).invite(signed.person, name, read_grants(form))
    except Refusal as refusal:
        if is_htmx(request):
            raise
        return _invite_form(request, here, signed, form, refusal)
    return _link(request, here, signed, token, name, n_("Lời mời đã sẵn sàng"))


def _link(request: Request, here: Services, signed: SignedIn, token: str, name: str, heading: str) -> Response:
    """The link is shown once; only its hash is kept."""
    address = f"{str(request.base_url).rstrip('/')}/moi/{token}"
    return show(here, request, signed, "invited.html", address=address, name=name, heading=heading)


def read_grants(form: FormData) -> list[Grant]:
    """The rights that stay ticked, and the one that is added when a role is chosen."""
    found = [roles.read_grant(str(value)) for value in form.getlist("grant")]
    if role := form.get("role"):
        area = str(form.get("area", ""))
        if not area:
            raise Refusal("no-area", n_("Chưa chọn địa bàn. Hãy chọn địa bàn của vai trò này."), field="area")
        found.append(roles.read_grant(f"{role}@{'' if area == ALL else area}"))
    return list(dict.fromkeys(found))


@router.post("/nguoi-dung/loi-moi/{invitation}/thu-lai", dependencies=[STAFF, Guard])
def withdraw(request: Request, here: Here, signed: Staff, invitation: str) -> Response:
    Roster(here.room).withdraw(signed.person, invitation)
    return go(request, "/nguoi-dung")


@router.get("/nguoi-dung/{person}", dependencies=[STAFF])
def person_page(request: Request, here: Here, signed: Staff, person: str) -> Response:
    return _person(request, here, signed, Roster(here.room).person(signed.person, person))


def _person(
    request: Request, here: Services, signed: SignedIn, view: PersonView, refusal: Refusal | None = None
) -> Response:
    return show(
        here,
        request,
        signed,
        "person.html",
        status=refusal.status if refusal else 200,
        view=view,
        error=told(here, refusal) if refusal else None,
        **_choices(here, signed),
    )


@router.post("/nguoi-dung/{person}/quyen", dependencies=[STAFF, Guard])
async def grants(request: Request, here: Here, signed: Staff, person: str) -> Response:
    form = await request.form()
    return await run_in_threadpool(_grants, request, here, signed, person, form)


def _grants(request: Request, here: Services, signed: SignedIn, person: str, form: FormData) -> Response:
    roster = Roster(here.room)
    try:
        roster.set_grants(signed.person, person, read_grants(form))
    except Refusal as refusal:
        if is_htmx(request) or refusal.status in (403, 404):
            raise
        return _person(request, here, signed, roster.person(signed.person, person), refusal)
    return go(request, f"/nguoi-dung/{person}")


@router.post("/nguoi-dung/{person}/ten", dependencies=[STAFF, Guard])
def rename(request: Request, here: Here, signed: Staff, person: str, display_name: Text = "") -> Response:
    roster = Roster(here.room)
    try:
        roster.rename(signed.person, person, display_name)
    except Refusal as refusal:
        if is_htmx(request) or refusal.status in (403, 404):
            raise
        return _person(request, here, signed, roster.person(signed.person, person), refusal)
    return go(request, f"/nguoi-dung/{person}")


@router.post("/nguoi-dung/{person}/khoa", dependencies=[STAFF, Guard])
def disable(request: Request, here: Here, signed: Staff, person: str) -> Response:
    Roster(here.room).disable(signed.person, person)
    return go(request, f"/nguoi-dung/{person}")


@router.post("/nguoi-dung/{person}/mo", dependencies=[STAFF, Guard])
def enable(request: Request, here: Here, signed: Staff, person: str) -> Response:
    Roster(here.room).enable(signed.person, person)
    return go(request, f"/nguoi-dung/{person}")


@router.post("/nguoi-dung/{person}/ngat", dependencies=[STAFF, Guard])
def end_sessions(request: Request, here: Here, signed: Staff, person: str) -> Response:
    Roster(here.room).end_sessions(signed.person, person)
    return go(request, f"/nguoi-dung/{person}")


@router.post("/nguoi-dung/{person}/bo-hai-buoc", dependencies=[STAFF, Guard])
def forget_second_factor(request: Request, here: Here, signed: Staff, person: str) -> Response:
    Roster(here.room).forget_second_factor(signed.person, person)
    return go(request, f"/nguoi-dung/{person}")


@router.post("/nguoi-dung/{person}/dat-lai", dependencies=[STAFF, Guard])
def reset(request: Request, here: Here, signed: Staff, person: str) -> Response:
    roster = Roster(here.room)
    token = roster.reset(signed.person, person)
    name = roster.person(signed.person, person).display_name
    return _link(request, here, signed, token, name, n_("Đường dẫn đặt mật khẩu đã sẵn sàng"))


@router.get("/moi/{token}")
def invited(request: Request, here: Here, token: str) -> Response:
    return _join_form(here, token, "", None)


def _join_form(here: Services, token: str, username: str, refusal: Refusal | None) -> Response:
    return here.pages.page(
        "join.html",
        status=refusal.status if refusal else 200,
        invited=(invited := Joining(here.room, here.accounts).look(token)),
        lines=roles.grant_lines(invited.grants, _tree(here)),
        token=token,
        username=username,
        error=told(here, refusal) if refusal else None,
    )


@router.post("/moi/{token}")
def join(
    request: Request, here: Here, token: str, username: Text = "", new: Text = "", again: Text = ""
) -> Response:  # fmt: skip
    check_same_site(request)
    visit = visit_of(request)
    try:
        if new != again:
            raise Refusal("not-the-same", n_("Hai lần gõ mật khẩu mới không giống nhau. Hãy gõ lại."), field="again")
        person = Joining(here.room, here.accounts).accept(token, username, new, visit.source)
    except Refusal as refusal:
        if is_htmx(request) or refusal.status == 410:
            raise
        return _join_form(here, token, username, refusal)
    # A second factor that is on stays on: the link stands for the password only.
    if here.accounts.needs_second_step(person):
        return go(request, "/dang-nhap")
    return entered(request, here, here.accounts.open(person, visit), "/")
