"""Who asks: the session cookie, the CSRF check and the gate for a password that must be changed."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, params
from fastapi.responses import Response

from controller.desk.accounts import Entrance, Visit
from controller.desk.refusal import Refusal, forbidden
from controller.desk.values import Person
from controller.language import n_, speak
from controller.rights import Operation, allows
from controller.web.services import Here, Services

COOKIE = "loaxa_session"
DEVICE_COOKIE = "loaxa_device"
DEVICE_COOKIE_S = 400 * 86_400
"""The longest a browser keeps one."""
MOST_DEVICES = 5
"""So many people may share a browser and each be known in it."""
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

NOT_SIGNED_IN = "not-signed-in"
MUST_CHANGE = "must-change-password"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with the session that proves it."""

    person: Person
    token: str
    csrf: str


def set_cookie(response: Response, token: str, here: Services) -> None:
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=here.secure_cookies, path="/")


def set_entrance(request: Request, response: Response, entrance: Entrance, here: Services) -> None:
    """Open the session in this browser, and let the browser be known at the next sign-in."""
    set_cookie(response, entrance.token, here)
    kept = (entrance.device, *visit_of(request).devices)[:MOST_DEVICES]
    response.set_cookie(
        DEVICE_COOKIE,
        "~".join(kept),
        max_age=DEVICE_COOKIE_S,
        httponly=True,
        samesite="lax",
        secure=here.secure_cookies,
        path="/",
    )


def source_of(request: Request) -> str:
    """The address that speaks; behind a trusted proxy the one which that names (WebServer)."""
    return request.client.host if request.client else ""


def visit_of(request: Request) -> Visit:
    devices = tuple(each[:80] for each in request.cookies.get(DEVICE_COOKIE, "").split("~")[:MOST_DEVICES] if each)
    return Visit(source_of(request), request.headers.get("User-Agent", "")[:200], devices)


def clear_cookie(response: Response, here: Services) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=here.secure_cookies, path="/")


def find(request: Request, here: Services) -> SignedIn | None:
    token = request.cookies.get(COOKIE, "")
    person = here.accounts.person(token, source_of(request)) if token else None
    speak(person.language if person else "")
    return SignedIn(person, token, here.accounts.csrf_token(token)) if person else None


def any_person(request: Request, here: Here) -> SignedIn:
    """Signed in, even with a password that must still be changed. Refusal 401 otherwise."""
    found = find(request, here)
    if found is None:
        raise Refusal(NOT_SIGNED_IN, n_("Bạn chưa đăng nhập hoặc phiên đã hết hạn. Hãy đăng nhập lại."), status=401)
    return found


Anyone = Annotated[SignedIn, Depends(any_person)]


def ready_person(signed: Anyone) -> SignedIn:
    """Signed in with a password of their own. Refusal 403 otherwise."""
    if signed.person.must_change_password:
        raise Refusal(MUST_CHANGE, n_("Hãy đổi mật khẩu dùng một lần trước khi tiếp tục."), status=403)
    return signed


Staff = Annotated[SignedIn, Depends(ready_person)]


class Needs:
    """A dependency that every route has: the operation which the person must be allowed somewhere.

    Where exactly is the desk's question.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __call__(self, signed: Staff) -> None:
        if not allows(signed.person.grants, self.operation):
            raise forbidden()


class NeedsSignIn:
    """The same for the little that is open to whoever must still change a one-time password: that, and to leave."""

    operation = Operation.OWN

    def __call__(self, signed: Anyone) -> None:
        """To be signed in is all."""


def needs(operation: Operation, *, before_password: bool = False) -> params.Depends:
    """`dependencies=[needs(Operation.SEE)]`; a test walks every route and asks what it needs."""
    dependency: params.Depends = Depends(NeedsSignIn() if before_password else Needs(operation))
    return dependency


def check_csrf(signed: SignedIn, given: str) -> None:
    """Refusal 403 unless `given` is this session's token."""
    if not hmac.compare_digest(signed.csrf.encode(), given.encode()):
        raise Refusal(
            "csrf",
            n_("Yêu cầu không đến từ trang này hoặc trang đã mở quá lâu. Hãy tải lại trang rồi làm lại."),
            status=403,
        )


def check_same_site(request: Request) -> None:
    """Before there is a session: a browser that says it comes from another site is refused (Fetch Metadata)."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Refusal("csrf", n_("Yêu cầu không đến từ trang này. Hãy mở trang đăng nhập rồi làm lại."), status=403)


async def guard(request: Request, signed: Anyone) -> None:
    """For every unsafe route: the token must come in the header or in the form's field."""
    if request.method not in UNSAFE:
        return
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        content_type = request.headers.get("Content-Type", "")
        form = await request.form() if content_type.startswith("application/x-www-form-urlencoded") else {}
        given = str(form.get(CSRF_FIELD, ""))
    check_csrf(signed, given)


Guard = Depends(guard)
