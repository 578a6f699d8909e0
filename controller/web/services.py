"""What every route needs, handed over once by create_app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from controller.copies import Copies
from controller.desk.accounts import Ledger
from controller.desk.desk import Desk
from controller.desk.previews import Previews
from controller.desk.room import Room
from controller.desk.throttle import Throttle
from controller.incoming import IncomingFiles
from controller.oidc import Provider
from controller.web.live import Live
from controller.web.render import Pages
from controller.web.renderings import Renderings
from schedules.units import UtcMs


@dataclass(frozen=True, slots=True)
class Services:
    """`now` reads the clock; `upload_dir` takes files while they come in; sizes in bytes."""

    desk: Desk
    accounts: Ledger
    room: Room
    live: Live
    pages: Pages
    now: Callable[[], UtcMs]
    upload_dir: Path
    previews: Previews
    renderings: Renderings
    max_upload_bytes: int
    incoming: IncomingFiles
    """Uploads that are on their way, in `upload_dir` too."""
    copies: Copies
    secure_cookies: bool
    public_url: str = ""
    """Under which people reach the site; what the organisation's provider sends them back to."""
    oidc: Provider | None = None
    knocks: Throttle = field(default_factory=Throttle)
    """How often boxes that nobody knows yet may ask to be taken in."""


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Here = Annotated[Services, Depends(services)]
