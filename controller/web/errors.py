"""Errors rendered once: as an RFC 9457 problem under /api, as a notice for htmx, as a page otherwise."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from controller.desk.refusal import Refusal
from controller.language import _, n_, speaking
from controller.signing import SigningStopped
from controller.web.choice import chosen_language
from controller.web.render import is_htmx
from controller.web.security import HEADERS
from controller.web.services import Services
from controller.web.session import MUST_CHANGE, NOT_SIGNED_IN
from schedules.areas import UnknownArea

PROBLEM = "application/problem+json"

BY_STATUS: dict[int, tuple[str, str]] = {
    400: ("bad-request", n_("Yêu cầu gửi lên chưa đúng. Hãy tải lại trang rồi làm lại.")),
    401: (NOT_SIGNED_IN, n_("Bạn chưa đăng nhập hoặc phiên đã hết hạn. Hãy đăng nhập lại.")),
    403: ("forbidden", n_("Bạn không được phép làm việc này.")),
    404: ("not-found", n_("Không có gì ở địa chỉ này. Có thể đường dẫn bị gõ nhầm hoặc nội dung đã được gỡ.")),
    405: ("method-not-allowed", n_("Địa chỉ này không nhận kiểu yêu cầu vừa gửi.")),
    413: ("too-large", n_("Tệp gửi lên quá lớn. Hãy chọn tệp âm thanh không quá %(limit)s MB.")),
    415: ("unsupported-media-type", n_("Kiểu dữ liệu gửi lên không được hỗ trợ.")),
    422: ("invalid", n_("Dữ liệu gửi lên chưa đúng. Hãy xem lại các mục được nêu.")),
    500: ("server-error", n_("Máy chủ gặp lỗi khi xử lý. Hãy thử lại; nếu vẫn lỗi, báo cho cán bộ kỹ thuật.")),
}

STATUSES = {460: "Checksum Mismatch"}
"""What is no HTTP status but tus' own."""

INVALID: dict[str, str] = {
    "missing": n_("còn thiếu"),
    "json_invalid": n_("không phải JSON đúng cú pháp"),
    "extra_forbidden": n_("không có mục này"),
}
INVALID_OTHER = n_("không đúng kiểu hoặc ngoài khoảng cho phép")


def is_api(request: Request) -> bool:
    return request.url.path == "/api" or request.url.path.startswith("/api/")


def of_status(status: int, limit_bytes: int) -> Refusal:
    """The refusal that stands for a bare HTTP status."""
    code, message = BY_STATUS.get(status, BY_STATUS[500 if status >= 500 else 400])
    return Refusal(code, message, status=status, params={"limit": limit_bytes // (1024 * 1024)})


def problem(refusal: Refusal, services: Services, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    """RFC 9457: type about:blank, so the title is the status' own phrase; `code` tells problems apart."""
    content: dict[str, object] = {
        "type": "about:blank",
        "title": STATUSES.get(refusal.status) or HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": services.pages.sentence(refusal),
        "code": refusal.code,
    }
    if refusal.field:
        content["field"] = refusal.field
    if errors:
        content["errors"] = errors
    return JSONResponse(content, status_code=refusal.status, media_type=PROBLEM)


def notice(refusal: Refusal, services: Services) -> Response:
    """What htmx puts into the page's notice area, whatever the request was aimed at."""
    response = services.pages.page(
        "_notice.html",
        status=refusal.status,
        sentence=services.pages.sentence(refusal),
        field=refusal.field,
        good=False,
    )
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _elsewhere(request: Request, refusal: Refusal) -> str:
    """Where a page sends a person who must do something else first; "" when nowhere."""
    if refusal.code == MUST_CHANGE:
        return "/doi-mat-khau"
    if refusal.code == NOT_SIGNED_IN:
        wanted = request.url.path if request.method == "GET" and not is_htmx(request) else "/"
        return "/dang-nhap" if wanted == "/" else f"/dang-nhap?tiep={quote(wanted)}"
    return ""


def answer(request: Request, refusal: Refusal, errors: list[dict[str, str]] | None = None) -> Response:
    services: Services = request.app.state.services
    if is_api(request):
        return problem(refusal, services, errors)
    elsewhere = _elsewhere(request, refusal)
    if is_htmx(request):
        if elsewhere:
            return Response(status_code=refusal.status, headers={"HX-Redirect": elsewhere})
        return notice(refusal, services)
    if elsewhere:
        return RedirectResponse(elsewhere, status_code=303)
    return services.pages.page(
        "error.html", status=refusal.status, refusal=refusal, sentence=services.pages.sentence(refusal)
    )


def _invalid(error: RequestValidationError, services: Services) -> list[dict[str, str]]:
    return [
        {
            "field": ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0]),
            "message": _(INVALID.get(found["type"], INVALID_OTHER)),
        }
        for found in error.errors()
    ]


SIGNING_STOPPED = n_(
    "Máy chủ chạy bằng dữ liệu cũ hơn những gì loa đã nhận nên đã ngừng gửi lệnh. Loa vẫn phát theo lịch đã nhận. "
    "Người quản trị máy chủ hãy chạy lệnh “python -m controller restore”, rồi kiểm tra lại lịch phát."
)


def install(app: FastAPI, services: Services) -> None:
    """Register the handlers."""
    limit = services.max_upload_bytes

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return answer(request, error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = answer(request, of_status(error.status_code, limit))
        response.headers.update(error.headers or {})
        return response

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request, of_status(422, limit), _invalid(error, services))

    async def on_unknown_area(request: Request, error: Exception) -> Response:
        sentence = n_("Không có địa bàn này. Hãy tải lại trang và chọn lại.")
        return answer(request, Refusal("unknown-area", sentence, status=404))

    async def on_stopped(request: Request, error: Exception) -> Response:
        return answer(request, Refusal("signing-stopped", SIGNING_STOPPED, status=503))

    async def on_unstorable(request: Request, error: Exception) -> Response:
        return answer(request, of_status(422, limit))

    async def on_crash(request: Request, error: Exception) -> Response:
        # This answer is made outside of the layers for the language and the SecurityHeaders.
        with speaking(chosen_language(request.headers)):
            response = answer(request, of_status(500, limit))
        response.headers.update(HEADERS | {"Cache-Control": "no-store"})
        return response

    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(UnknownArea, on_unknown_area)
    app.add_exception_handler(SigningStopped, on_stopped)
    # What no database and no answer can hold: half a character, or a NUL in a name that is looked up.
    app.add_exception_handler(UnicodeEncodeError, on_unstorable)
    app.add_exception_handler(DataError, on_unstorable)
    app.add_exception_handler(Exception, on_crash)
