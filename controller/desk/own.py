"""One's own sessions: where one is signed in, and the end of those that one no longer knows."""

from dataclasses import dataclass

from controller.desk.accounts import token_hash
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from schedules.units import UtcMs

SHOWN_ID = 32
"""So much of a session's hash names it to its owner: nobody signs in with that."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """`current`: the one that asks."""

    id: str
    source: str
    device: str
    made: UtcMs
    seen: UtcMs
    current: bool


class OwnSessions:
    def __init__(self, room: Room) -> None:
        self.room = room

    def all(self, by: Person, token: str) -> tuple[SessionView, ...]:
        """The one used last first."""
        here = token_hash(token)
        with self.room.store.read() as unit:
            return tuple(
                SessionView(
                    each.token_hash[:SHOWN_ID], each.source, each.device, each.made, each.seen, each.token_hash == here
                )
                for each in unit.people.sessions_of(by.id)
            )

    def end(self, by: Person, session: str) -> None:
        with self.room.store.write() as unit:
            found = [each for each in unit.people.sessions_of(by.id) if each.token_hash[:SHOWN_ID] == session]
            if not found:
                raise Refusal("unknown-session", n_("Phiên này đã kết thúc. Hãy tải lại trang."), status=404)
            unit.people.end_session(found[0].token_hash)
            told = {"source": found[0].source, "device": found[0].device}
            self.room.record(unit, by, "session.end", f"person:{by.username}", told, None)

    def end_others(self, by: Person, token: str) -> None:
        with self.room.store.write() as unit:
            unit.people.end_sessions_of(by.id, but=token_hash(token))
            self.room.record(unit, by, "session.end-others", f"person:{by.username}")
