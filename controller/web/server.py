"""WebServer: uvicorn that ends the open event streams before it waits for connections to close."""

import socket

import uvicorn
from fastapi import FastAPI

from controller.web.services import Services

STREAM_GRACE_S = 3
"""Anything still open after this is cut, so that SIGTERM is never answered by a hang."""


class WebServer(uvicorn.Server):
    """Use in place of uvicorn.Server for an application made by `create_app`.

    `trusted_proxies`: addresses and networks whose word about who speaks (X-Forwarded-For) is believed.
    """

    def __init__(self, app: FastAPI, *, host: str, port: int, trusted_proxies: str = "") -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=trusted_proxies,
                timeout_graceful_shutdown=STREAM_GRACE_S,
            )
        )
        self._services: Services = app.state.services

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._services.live.close()
        await super().shutdown(sockets=sockets)
