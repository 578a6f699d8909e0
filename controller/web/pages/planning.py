"""The form that says where and when: what every page that carries it gives to its templates."""

from datetime import date, datetime, time, timedelta

from starlette.datastructures import FormData

from controller.desk.choosing import choosing
from controller.desk.timetable import Timetable
from controller.desk.values import WhenKind
from controller.desk.whens import at_another_time
from controller.rights import Operation
from controller.web.forms import read_time, read_timing
from controller.web.refill import with_fields, with_one_more, with_time
from controller.web.services import Services
from controller.web.session import SignedIn
from controller.web.shown import local
from schedules.model import Priority

VOLUMES = (40, 50, 60, 70, 80, 90, 100)
USUAL_TIME = time(17)
"""When most communes play; only proposed."""


def first_day(local_now: datetime) -> date:
    """The day that is proposed: the next on which the usual time is still to come."""
    return local_now.date() + timedelta(days=local_now.time() >= USUAL_TIME)


def plan_context(
    here: Services, signed: SignedIn, form: FormData, fill_url: str, priority: Priority = Priority.NORMAL
) -> dict[str, object]:
    """For _plan.html. `fill_url` is where the form itself is sent."""
    chosen = {str(each) for each in form.getlist("speakers")}
    volume = str(form.get("volume", ""))
    offered = {*VOLUMES, int(volume)} if volume.isascii() and volume.isdigit() and int(volume) <= 100 else {*VOLUMES}
    return {
        "areas": here.desk.areas(signed.person, Operation.COMPOSE),
        "choosing": choosing(here.room, signed.person, str(form.get("find", "")), chosen),
        "volumes": sorted(offered),
        "kinds": list(WhenKind),
        "first_day": first_day(local(here.now(), here.desk.home_time_zone())),
        "first_time": f"{USUAL_TIME:%H:%M}",
        "default_priority": str(priority.value),
        "fill_url": fill_url,
        "form": form,
    }


def filled(here: Services, signed: SignedIn, form: FormData) -> FormData:
    """The form with what its buttons put into it: the time that was said in words (`step=fill`), or a way out of a
    conflict (`set=after:…`, see controller.desk.values.Choice). Raises Refusal."""
    name, _, value = str(form.get("set", "")).partition(":")
    tree = here.desk.areas(signed.person, Operation.COMPOSE)
    if name in ("order", "at_most"):
        return with_fields(form, {name: value})
    if name == "instead":
        return with_one_more(form, "instead", value)
    if name == "after":
        was, _, at = value.partition(">")
        new = read_timing(form, tree)
        zone = local(here.now(), Timetable(here.room).zone(new.targets))
        timing = Timetable(here.room).timing(new)
        return with_time(form, at_another_time(timing, read_time(was), read_time(at), zone))
    if form.get("step") == "fill":
        return with_time(form, Timetable(here.room).timing(read_timing(form, tree)))
    return form
