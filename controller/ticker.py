"""The ticker: APScheduler says when; what is done is a function over the store."""

import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from controller import clock
from controller.airing import clear_clips
from controller.clearing import Clearing
from controller.desk.accounts import forget_sessions
from controller.desk.reception import forget_enrolments
from controller.planning import Planner
from controller.rearrange import DayKeeper
from controller.reconcile import Reconciler
from controller.renewal import Renewer
from controller.restoring import Restorer
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Store, Unit
from controller.sweep import sweep
from schedules.units import UtcMs

log = logging.getLogger(__name__)

Job = Callable[[Unit, UtcMs], object]


class Ticker:
    """Rolls the horizon, reconciles, sweeps, clears, forgets: each job one unit of work; a failed one comes again."""

    def __init__(self, store: Store, planner: Planner, restorer: Restorer, clearing: Clearing) -> None:
        self._store, self._signer = store, planner.signer
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._every("restore", 2, restorer.turn)
        self._every("places", 60, self._signing(DayKeeper(planner).turn))
        self._every("renew", 5, self._signing(Renewer(planner.signer).turn))
        self._every("roll", 60, self._signing(planner.roll))
        self._every("reconcile", 3, self._signing(Reconciler(planner).turn))
        self._every("sweep", 20, sweep)
        self._every("clear", 30, clear)
        self._every("sessions", 600, forget_sessions)
        self._every("enrolments", 60, forget_enrolments)
        self._scheduler.add_job(
            self._clear_shelves, "interval", (clearing,), seconds=3600, id="shelves", coalesce=True, max_instances=1,
            misfire_grace_time=None,
        )  # fmt: skip

    def _signing(self, job: Job) -> Job:
        """The job rests while the controller must not sign."""
        return lambda unit, now: None if self._signer.stopped else job(unit, now)

    def _every(self, name: str, seconds: int, job: Job) -> None:
        self._scheduler.add_job(
            self._run, "interval", (name, job), seconds=seconds, id=name, coalesce=True, max_instances=1,
            misfire_grace_time=None,
        )  # fmt: skip

    def _run(self, name: str, job: Job) -> None:
        try:
            with self._store.write() as unit:
                job(unit, clock.now_ms())
        except Exception:
            log.exception("the job %s failed; it comes again", name)

    def _clear_shelves(self, clearing: Clearing) -> None:
        """Files are taken away with their rows, so it opens its own unit of work."""
        try:
            clearing.turn(clock.now_ms())
        except Exception:
            log.exception("the job shelves failed; it comes again")

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)


def clear(unit: Unit, now: UtcMs) -> None:
    """Take off the broker what is over and what nobody needs any more."""
    clear_clips(unit, now)
    unit.outbox.dirty(unit.outbox.expired(now), RANK_DOCUMENT, now)
