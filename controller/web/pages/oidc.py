"""Sign-in by the organisation's provider: to it and back."""

import logging

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from controller.desk.outside import Outside
from controller.desk.refusal import Refusal
from controller.language import n_
from controller.oidc import Provider, ProviderFailed, granted
from controller.web.pages.sign_in import entered, local_path
from controller.web.services import Here, Services
from controller.web.session import source_of, visit_of

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

START, BACK = "/dang-nhap/co-quan", "/dang-nhap/co-quan/ve"
COOKIE = "loaxa_oidc"


def _provider(here: Services) -> Provider:
    if here.oidc is None:
        raise Refusal("not-found", n_("Trang này không dùng đăng nhập qua cơ quan."), status=404)
    return here.oidc


def _failed(error: ProviderFailed) -> Refusal:
    log.warning("sign-in by the provider failed: %s", error)
    return Refusal(
        "provider-failed",
        n_("Đăng nhập qua cơ quan không thành công. Hãy thử lại; nếu vẫn lỗi, báo cho cán bộ kỹ thuật."),
        status=502,
    )


@router.get(START)
def start(here: Here, tiep: str = "/") -> Response:
    provider = _provider(here)
    try:
        address, attempt = provider.begin(here.public_url + BACK, local_path(tiep))
    except ProviderFailed as error:
        raise _failed(error) from error
    response = RedirectResponse(address, status_code=303)
    secure = here.secure_cookies
    # Lax, not strict: the way back begins at the provider.
    response.set_cookie(
        COOKIE, attempt.browser, max_age=600, httponly=True, samesite="lax", secure=secure, path="/dang-nhap"
    )
    return response


@router.get(BACK)
def back(request: Request, here: Here, state: str = "", code: str = "", error: str = "") -> Response:
    provider = _provider(here)
    if error:
        raise _failed(ProviderFailed(f"the provider says {error[:100]!r}"))
    try:
        claims, attempt = provider.finish(state, request.cookies.get(COOKIE, ""), code, here.public_url + BACK)
    except ProviderFailed as failed:
        raise _failed(failed) from failed
    person = Outside(here.room).enter(
        provider.settings.issuer, claims, granted(claims, provider.settings), source_of(request)
    )
    response = entered(request, here, here.accounts.open(person, visit_of(request)), attempt.wanted)
    response.delete_cookie(COOKIE, path="/dang-nhap")
    return response
