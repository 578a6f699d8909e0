"""Which language a request is answered in: an ASGI layer, and the rule it follows."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.language import LANGUAGES, SOURCE, language, speaking

LANGUAGE_COOKIE = "loaxa_language"
LANGUAGE_COOKIE_S = 400 * 86_400
"""The longest a browser keeps one."""


def chosen_language(headers: Headers) -> str:
    """What the person switched to in this browser, else what the browser says its person can read.

    Vietnamese wins wherever it is named at all (RFC 9110, 12.5.4): many a commune's computer asks for English
    first. A signed-in person's own choice comes before both; it is known only later (session.find).
    """
    cookies = cookie_parser(headers.get("cookie", ""))
    if cookies.get(LANGUAGE_COOKIE) in LANGUAGES:
        return cookies[LANGUAGE_COOKIE]
    named = _acceptable(headers.get("accept-language", ""))
    return next((each for each in (SOURCE, *LANGUAGES) if each in named), SOURCE)


def _acceptable(header: str) -> frozenset[str]:
    """The primary subtags of Accept-Language whose weight is not 0."""
    ranges = (each.strip().partition(";") for each in header.split(",")[:20])
    weighed = ((name.strip().lower(), weight.replace(" ", "")) for name, _, weight in ranges)
    return frozenset(name.partition("-")[0] for name, weight in weighed if weight.rstrip("0") not in ("q=", "q=0."))


class AnswerLanguage:
    """Answers each request inside of `speaking`, and says in which language it did."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and not scope["path"].startswith("/static/"):
                MutableHeaders(scope=message).setdefault("Content-Language", language())
            await send(message)

        with speaking(chosen_language(Headers(scope=scope))):
            await self._app(scope, receive, told)
