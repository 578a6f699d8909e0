"""Pages: Jinja2 templates with gettext, and the answers made from them, whole or as a fragment."""

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from controller.desk.refusal import Refusal
from controller.desk.values import FIELDS
from controller.desk.voices import replaced_sentences
from controller.language import LANGUAGES, _, language, ngettext
from controller.web import navigation, shown, words
from controller.web.bars import states_bar
from controller.web.clock_words import clock_lines
from controller.web.level_line import drawing_of

STATIC = Path(__file__).parent / "static"


def static_url(digests: Mapping[str, str], name: str) -> str:
    """The address of a static file with a digest of its content, so that it may be kept for ever.

    A vendored file that was not copied (controller.web.assets) has none; the page works without it.
    """
    return f"/static/{name}?v={digests[name]}" if name in digests else f"/static/{name}"


def _digests() -> dict[str, str]:
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    return {path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}


def is_htmx(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def htmx_target(request: Request) -> str:
    """The id of the element that htmx will replace; "" for a whole page."""
    return request.headers.get("HX-Target", "") if is_htmx(request) else ""


class Pages:
    """Renders templates in the language of the request that is being answered."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("controller.web"),
            autoescape=True,
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
        self._environment.globals.update(
            static=partial(static_url, _digests()),
            words=words,
            replaced_voices=replaced_sentences,
            shown=shown,
            level_line=drawing_of,
            clock_lines=clock_lines,
            states_bar=states_bar,
            navigation=navigation,
            fields=FIELDS,
            language=language,
            languages=LANGUAGES,
            htmx_config=HTMX_CONFIG,
        )
        self._environment.filters.update(
            clock=shown.clock,
            full_clock=shown.full_clock,
            day=shown.day,
            when=shown.when,
            iso=shown.iso,
            moment=shown.moment,
            duration=shown.duration,
            long_date=shown.long_date,
            short_date=shown.short_date,
            weekday=shown.weekday,
            whole=shown.whole,
        )

    def sentence(self, refusal: Refusal) -> str:
        """The refusal's sentence for a person."""
        return _(refusal.message) % refusal.params

    def text(self, template: str, **context: object) -> str:
        return self._environment.get_template(template).render(**context)

    def page(self, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        return HTMLResponse(self.text(template, **context), status_code=status)


HTMX_CONFIG = (
    '{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0,'
    '"responseHandling":[{"code":"204","swap":false},{"code":"...","swap":true}]}'
)
"""No eval and no inline style, as the content security policy demands; errors are swapped in like answers."""


def go(request: Request, to: str) -> Response:
    """Send the person to another page, with htmx or without."""
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": to})
    return RedirectResponse(to, status_code=303)
