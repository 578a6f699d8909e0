"""Lịch: one series with its occurrences, and editing one, this and the following, or all of them."""

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from controller.desk.choosing import choosing
from controller.desk.refusal import Refusal
from controller.desk.series import Action, EditPreview, Series, Wish, no_occurrence
from controller.desk.values import WhenKind
from controller.language import n_
from controller.rights import Operation
from controller.web.forms import read_day, read_schedule, read_time
from controller.web.pages.frame import show, told
from controller.web.pages.planning import filled, plan_context
from controller.web.refill import of_schedule
from controller.web.render import go, htmx_target, is_htmx
from controller.web.services import Here, Services
from controller.web.session import Guard, SignedIn, Staff, needs
from schedules.edits import Scope
from schedules.model import Schedule
from schedules.units import BulletinId, ScheduleId

router = APIRouter(include_in_schema=False)

KINDS = [kind for kind in WhenKind if kind is not WhenKind.NOW]
"""What a series may become."""


@router.get("/lich/cum-loa", dependencies=[needs(Operation.COMPOSE)])
def speakers(request: Request, here: Here, signed: Staff, find: str = "") -> Response:
    """The speakers that were searched for, after those that are chosen already."""
    chosen = set(request.query_params.getlist("speakers"))
    found = choosing(here.room, signed.person, find[:80], chosen)
    return show(here, request, signed, "_found_speakers.html", choosing=found)


@router.get("/lich/{schedule}", dependencies=[needs(Operation.SEE)])
def series(request: Request, here: Here, signed: Staff, schedule: str) -> Response:
    view = Series(here.room).view(ScheduleId(schedule), signed.person)
    return show(here, request, signed, "series.html", series=view)


@router.get("/lich/{schedule}/sua", dependencies=[needs(Operation.COMPOSE)])
def edit_page(request: Request, here: Here, signed: Staff, schedule: str, luot: str = "") -> Response:
    """The whole form; `luot` is the occurrence from which somebody came."""
    view = Series(here.room).view(ScheduleId(schedule), signed.person)
    original = read_original(luot) if luot else None
    form = of_schedule(view.schedule)
    return _edit(here, request, signed, view.schedule, form, original)


@router.post("/lich/{schedule}/sua", dependencies=[needs(Operation.COMPOSE), Guard])
async def edit(request: Request, here: Here, signed: Staff, schedule: str, luot: str = "") -> Response:
    form = await request.form()
    return await run_in_threadpool(_edited, request, here, signed, ScheduleId(schedule), form, luot)


def _edited(
    request: Request, here: Services, signed: SignedIn, schedule: ScheduleId, form: FormData, luot: str
) -> Response:
    series, preview, refused = Series(here.room), None, None
    original = read_original(luot) if luot else None
    found = series.view(schedule, signed.person).schedule
    try:
        form = filled(here, signed, form)
        new = read_schedule(form, BulletinId(_text(form, "bulletin")), here.desk.areas(signed.person))
        wish = Wish(Action.REVISE, original, read_scope(form), new=replace(new, rule=found.rule))
        done = _saved(series, schedule, replace(wish, basis=_text(form, "basis")), form, signed)
        if done:
            return go(request, done)
        preview = series.preview(schedule, wish, signed.person)
    except Refusal as refusal:
        if form.get("step") == "save" and is_htmx(request):
            raise
        refused = refusal
    return _edit(here, request, signed, found, form, original, preview, refused)


def _saved(series: Series, schedule: ScheduleId, wish: Wish, form: FormData, signed: SignedIn) -> str:
    """Where to go after saving; "" when only a preview is asked for."""
    if form.get("step") != "save":
        return ""
    if not wish.basis:
        raise Refusal("not-shown", n_("Hãy xem những gì sẽ thay đổi trước khi lưu."))
    series.save(schedule, wish, signed.person)
    return f"/lich/{schedule}"


def _edit(
    here: Services,
    request: Request,
    signed: SignedIn,
    schedule: Schedule,
    form: FormData,
    original: datetime | None,
    preview: EditPreview | None = None,
    refused: Refusal | None = None,
) -> Response:
    query = f"?luot={original.isoformat()}" if original else ""
    url = f"/lich/{schedule.id}/sua{query}"
    context: dict[str, object] = plan_context(here, signed, form, url, schedule.priority) | {
        "kinds": KINDS,
        "schedule": schedule,
        "original": original,
        "choices": True,
        "bulletins": here.desk.bulletins(signed.person),
    }
    return _answer(here, request, signed, "series_edit.html", url, context, preview, refused)


def _answer(
    here: Services,
    request: Request,
    signed: SignedIn,
    template: str,
    url: str,
    context: dict[str, object],
    preview: EditPreview | None,
    refused: Refusal | None,
) -> Response:
    """The whole page, or for htmx what would change alone."""
    context |= {"preview": preview, "error": told(here, refused) if refused else None, "url": url, "fill_url": url}
    if is_htmx(request) and htmx_target(request) == "understood":
        return show(here, request, signed, "_edit_preview.html", status=200, **context)
    status = refused.status if refused else 200
    return show(here, request, signed, template, status=status, **context)


@router.get("/lich/{schedule}/ket-thuc", dependencies=[needs(Operation.STOP)])
def ask_to_end(request: Request, here: Here, signed: Staff, schedule: str) -> Response:
    view = here.desk.schedule_view(ScheduleId(schedule), signed.person)
    return show(here, request, signed, "series_end.html", series=view)


@router.post("/lich/{schedule}/ket-thuc", dependencies=[needs(Operation.STOP), Guard])
def end(request: Request, here: Here, signed: Staff, schedule: str) -> Response:
    here.desk.end_schedule(ScheduleId(schedule), signed.person)
    return go(request, f"/lich/{schedule}")


@router.get("/lich/{schedule}/luot/{original}", dependencies=[needs(Operation.STOP)])
def occurrence_page(request: Request, here: Here, signed: Staff, schedule: str, original: str) -> Response:
    """Skip, move or replace one occurrence, it and the following, or all."""
    return _occurrence(here, request, signed, ScheduleId(schedule), read_original(original), FormData())


@router.post("/lich/{schedule}/luot/{original}", dependencies=[needs(Operation.STOP), Guard])
async def change_occurrence(request: Request, here: Here, signed: Staff, schedule: str, original: str) -> Response:
    form = await request.form()
    return await run_in_threadpool(_changed, request, here, signed, ScheduleId(schedule), read_original(original), form)


def _changed(
    request: Request, here: Services, signed: SignedIn, schedule: ScheduleId, original: datetime, form: FormData
) -> Response:
    series, preview, refused = Series(here.room), None, None
    try:
        wish = read_wish(form, original)
        done = _saved(series, schedule, replace(wish, basis=_text(form, "basis")), form, signed)
        if done:
            return go(request, done)
        preview = series.preview(schedule, wish, signed.person)
    except Refusal as refusal:
        if (form.get("step") == "save" and is_htmx(request)) or refusal.status in (403, 404):
            raise
        refused = refusal
    return _occurrence(here, request, signed, schedule, original, form, preview, refused)


def _occurrence(
    here: Services,
    request: Request,
    signed: SignedIn,
    schedule: ScheduleId,
    original: datetime,
    form: FormData,
    preview: EditPreview | None = None,
    refused: Refusal | None = None,
) -> Response:
    series = Series(here.room)
    context: dict[str, object] = {
        "series": series.view(schedule, signed.person),
        "occasion": series.occasion(schedule, original, signed.person),
        "bulletins": here.desk.bulletins(signed.person),
        "form": form,
    }
    url = f"/lich/{schedule}/luot/{original.isoformat()}"
    return _answer(here, request, signed, "occurrence.html", url, context, preview, refused)


def read_original(text: str) -> datetime:
    """An occurrence's name: its original local start."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise no_occurrence() from None
    if found.tzinfo is not None:
        raise no_occurrence()
    return found


def read_scope(form: FormData, usual: Scope = Scope.ALL) -> Scope:
    text = _text(form, "scope") or usual
    if text not in tuple(Scope):
        raise Refusal("bad-scope", n_("Hãy chọn sửa một lượt, từ lượt này về sau, hay cả loạt."), field="scope")
    return Scope(text)


def read_wish(form: FormData, original: datetime) -> Wish:
    """What the small form of one occurrence says."""
    action = _text(form, "action")
    if action not in (Action.SKIP, Action.MOVE, Action.REPLACE):
        raise Refusal("bad-action", n_("Hãy chọn bỏ, dời, hay phát bản tin khác."), field="action")
    wish = Wish(Action(action), original, read_scope(form, Scope.THIS))
    if wish.action is Action.MOVE:
        start = datetime.combine(read_day(_text(form, "day"), "day"), read_time(_text(form, "at")))
        return replace(wish, start=start)
    if wish.action is Action.REPLACE:
        return replace(wish, bulletin=BulletinId(_text(form, "bulletin")))
    return wish


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
