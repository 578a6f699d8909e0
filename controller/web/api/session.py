"""API: sign in, sign out, change the password."""

from fastapi import APIRouter, Depends, Request, Response

from controller.desk.refusal import Refusal
from controller.language import n_
from controller.rights import Operation
from controller.web.api.shapes import PasswordChange, Session, SignIn
from controller.web.services import Here, Services
from controller.web.session import Anyone, Guard, SignedIn, check_same_site, clear_cookie, needs, set_entrance, visit_of

router = APIRouter(tags=["session"])


def _session(signed: SignedIn) -> Session:
    person = signed.person
    return Session(
        csrf_token=signed.csrf,
        must_change_password=person.must_change_password,
        username=person.username,
        display_name=person.display_name,
    )


def _of_token(here: Services, token: str) -> Session:
    person = here.accounts.person(token)
    assert person is not None
    return _session(SignedIn(person, token, here.accounts.csrf_token(token)))


@router.post("/session", dependencies=[Depends(check_same_site)])
def sign_in(request: Request, response: Response, here: Here, given: SignIn) -> Session:
    """Sign in: sets the session cookie; send `csrf_token` as X-CSRF-Token with every unsafe request."""
    entrance = here.accounts.sign_in(given.username, given.password, visit_of(request))
    if entrance.ticket:
        if not given.code:
            message = n_("Tài khoản này cần thêm mã xác minh. Hãy gửi kèm mã trong mục code.")
            raise Refusal("second-factor-needed", message, status=401, field="code")
        entrance = here.accounts.second_step(entrance.ticket, given.code, visit_of(request))
    set_entrance(request, response, entrance, here)
    return _of_token(here, entrance.token)


@router.get("/session", dependencies=[needs(Operation.OWN, before_password=True)])
def session(signed: Anyone) -> Session:
    """Who is signed in."""
    return _session(signed)


@router.delete("/session", status_code=204, dependencies=[needs(Operation.OWN, before_password=True), Guard])
def sign_out(response: Response, here: Here, signed: Anyone) -> None:
    here.accounts.sign_out(signed.token)
    clear_cookie(response, here)


@router.put("/session/password", dependencies=[needs(Operation.OWN, before_password=True), Guard])
def change_password(here: Here, signed: Anyone, given: PasswordChange) -> Session:
    """Change one's own password; the session goes on."""
    here.accounts.change_password(signed.token, given.old, given.new, signed.person.source)
    return _of_token(here, signed.token)
