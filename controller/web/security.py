"""Two ASGI layers: security headers on every answer, and a limit on every body before anything is stored."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
MICROPHONE = HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
"""For the page that records, alone."""
DRAIN_S = 10.0
"""How long the rest of a refused body is read and thrown away, so that the sender gets to see the answer."""


def allowing(directive: str, source: str) -> str:
    """The policy with one more source for one directive, for the one page that needs it."""
    return POLICY.replace(f"{directive} 'self'", f"{directive} 'self' {source}")


def caching(path: str, query: bytes) -> str:
    """What may be kept: files named by their digest for ever, other static ones a day, pages and data never."""
    if not path.startswith("/static/"):
        return "no-store"
    return "public, max-age=31536000, immutable" if query.startswith(b"v=") else "public, max-age=86400"


class SecurityHeaders:
    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kept = caching(scope["path"], scope["query_string"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", kept if message["status"] < 400 else "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a body larger than `limit_of(path)` bytes with 413: by its announced length before reading any
    of it, and by counting while it streams in."""

    def __init__(self, app: ASGIApp, *, limit_of: Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, self._limit_of(scope["path"]), Headers(scope=scope).get("content-length", ""))
        await self._app(scope, body.receive, body.drained_send(send))


class _Body:
    """One request's body, counted."""

    def __init__(self, receive: Receive, limit: int, announced: str) -> None:
        self._receive = receive
        self._limit = limit
        self._too_large = announced.isdigit() and int(announced) > limit
        self._seen = 0
        self._more = True

    async def receive(self) -> Message:
        if not self._too_large:
            message = await self._receive()
            self._count(message)
            if not self._too_large:
                return message
        raise HTTPException(413)

    def _count(self, message: Message) -> None:
        self._seen += len(message.get("body", b""))
        self._more = bool(message.get("more_body", False))
        self._too_large = self._seen > self._limit

    def drained_send(self, send: Send) -> Send:
        """`send`, but a 413 goes out whole first, and the connection is ended only after the rest was drained."""

        async def sending(message: Message) -> None:
            if not self._too_large:
                await send(message)
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await self._drain()
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                MutableHeaders(scope=message)["Connection"] = "close"
                await send(message)

        return sending

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                while self._more:
                    self._more = bool((await self._receive()).get("more_body", False))
        except TimeoutError:
            return
