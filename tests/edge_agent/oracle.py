"""What a box should sound at each moment, said as simply as possible and apart from schedules/: the oracle.

It is asked at the same instants as the box, is told what was ordered and what was really heard, and knows nothing of
states, moves or how sound is armed. Its choice and the box's may differ for a moment after either changes.
"""

from dataclasses import dataclass

from schedules.model import Broadcast, Priority, StartRule

UNCOUNTED_MS = 100
"""So much of a programme may have come out in blocks that it shared with another, where nobody can count it."""
EMERGENCY_FIRST = (Priority.EMERGENCY, Priority.PRIORITY, Priority.NORMAL)


@dataclass
class Programme:
    """`heard` and `skipped` are milliseconds of its content; `over` says why nothing more may come."""

    what: Broadcast
    cancelled: bool = False
    here: bool = False
    heard: int = 0
    skipped: int = 0
    over: str = ""

    @property
    def left(self) -> int:
        return self.what.duration - self.heard - self.skipped

    def why_over(self, now: int) -> str:
        if self.cancelled:
            return "cancelled"
        if self.heard and self.left <= UNCOUNTED_MS:
            return "whole"
        if now >= self.what.hard_end:
            return "hard end"
        if self.heard:
            return ""
        last = self.what.latest_start
        if self.what.rule is StartRule.JOIN:
            last = min(last, self.what.start + self.what.duration - 1)  # type: ignore[assignment]
        return "too late" if now > last else ""

    def may_sound(self, now: int) -> bool:
        return not self.over and self.here and now >= self.what.start


class Oracle:
    """`programmes` by name; `on` is what should sound."""

    def __init__(self) -> None:
        self.programmes: dict[str, Programme] = {}
        self.on: str | None = None

    def ask(self, now: int) -> str | None:
        for programme in self.programmes.values():
            programme.over = programme.over or programme.why_over(now)
        able = [programme for programme in self.programmes.values() if programme.may_sound(now)]
        best = min(able, key=self._precedence, default=None)
        self.on = best.what.id if best else None
        return self.on

    def heard(self, name: str, at: int, duration: int) -> None:
        """`duration` ms of it came out, the first at `at`."""
        programme = self.programmes[name]
        if not programme.heard and programme.what.rule is StartRule.JOIN:
            programme.skipped = max(0, at - programme.what.start)
        programme.heard += duration

    def _precedence(self, one: Programme) -> tuple[int, bool, bool, int, int, str]:
        what = one.what
        return (
            EMERGENCY_FIRST.index(what.priority), what.id != self.on, not one.heard, what.start, what.order, what.id,
        )  # fmt: skip

    def verdicts(self, name: str) -> set[str]:
        """The final states that would be true of it; two where what nobody could count decides."""
        one = self.programmes[name]
        if not one.heard:
            return {"cancelled"} if one.over == "cancelled" else {"missed"}
        least, most = one.heard * 100, (one.heard + UNCOUNTED_MS) * 100
        whole = one.what.duration * 99
        return ({"played"} if most >= whole else set()) | ({"interrupted"} if least < whole else set())
