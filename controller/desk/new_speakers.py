"""New boxes as staff take them in: compared by their code, placed in the tree or in the place of another box."""

import hmac
import json
from dataclasses import dataclass

from controller.broker.acl import SPEAKER
from controller.broker.files import BROKER_USERS
from controller.broker.passwords import hash_password, new_password
from controller.desk.place_checks import check_name
from controller.desk.reception import ENROLMENTS, offer_of, unknown_enrolment
from controller.desk.reforms import Named
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.speakers import known_speaker, refuse_unlasting
from controller.desk.values import Person
from controller.ids import new_id
from controller.language import n_
from controller.locality import atlas
from controller.members import moved
from controller.rearrange import rearrange
from controller.rights import Operation, allows
from controller.store.enrolments import Enrolment, EnrolmentState
from controller.store.unit import Unit
from controller.store.values import Speaker
from protocol.enrolment import CODE_DIGITS, Answer, Grant, seal_grant, signed_answer, transcript
from protocol.keys import key_id
from schedules.units import AreaId, SpeakerId, UtcMs

FETCHED_MS = 24 * 3_600_000
"""So long an accepted box may come for its answer; nobody else can read it."""


@dataclass(frozen=True, slots=True)
class NewBox:
    """A box that waits to be taken in. `code` is what the box shows and says; `source` the network it came from."""

    id: str
    code: str
    hostname: str
    serial: str
    agent_version: str
    source: str
    since: UtcMs
    until: UtcMs

    @property
    def spaced(self) -> str:
        """The code as it is read: in two groups."""
        half = CODE_DIGITS // 2
        return f"{self.code[:half]} {self.code[half:]}"


class NewSpeakers:
    """Whoever may tend speakers anywhere sees who waits: where a box belongs is known only when it is placed."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def waiting(self, by: Person) -> tuple[NewBox, ...]:
        """The boxes that have shown a code, the longest waiting first."""
        self._require_anywhere(by)
        with self._room.store.read() as unit:
            return tuple(_shown(each) for each in unit.enrolments.waiting(self._room.now()) if each.code)

    def box(self, enrolment: str, by: Person) -> NewBox:
        """One that waits."""
        self._require_anywhere(by)
        with self._room.store.read() as unit:
            return _shown(self._waiting(unit, enrolment))

    def accept(self, enrolment: str, code: str, area: AreaId, name: str, by: Person) -> SpeakerId:
        """Take it in as a new speaker that stands in `area` from now on."""
        check_name(Named(name))
        with self._room.store.write() as unit:
            places, now = atlas(unit, self._room.zone), self._room.now()
            if area not in places.tree(now).areas:
                raise Refusal("unknown-area", n_("Hãy chọn địa bàn đặt cụm loa."), field="area")
            self._room.require(unit, by, Operation.TEND, area)
            refuse_unlasting(places, area, now)
            found = self._compared(unit, enrolment, code)
            speaker = SpeakerId(new_id("s"))
            unit.places.add_speaker(Speaker(speaker, name.strip(), found.ask.public_key), now, by.username)
            unit.reforms.put_members(places.members, moved(places.members, speaker, area, now))
            self._hand_over(unit, found, speaker, by)
            after = {"name": name.strip(), "area": area, "key": key_id(found.ask.public_key)}
            self._room.record(unit, by, "speaker.enrol", f"speaker:{speaker}", None, after)
            rearrange(unit, self._room.planner, places, by.username, now)
            return speaker

    def replace(self, enrolment: str, code: str, speaker: SpeakerId, by: Person) -> None:
        """It takes over the place, the name and the history of `speaker`; the box that stood there is put out."""
        with self._room.store.write() as unit:
            places = atlas(unit, self._room.zone)
            before = known_speaker(self._room, unit, places, speaker, by, Operation.TEND)
            found = self._compared(unit, enrolment, code)
            unit.places.give_box(speaker, found.ask.public_key)
            unit.places.went_off(speaker)
            self._hand_over(unit, found, speaker, by)
            told = {"key": key_id(before.public_key)}, {"key": key_id(found.ask.public_key)}
            self._room.record(unit, by, "speaker.replace", f"speaker:{speaker}", *told)
            rearrange(unit, self._room.planner, places, by.username, self._room.now())

    def reject(self, enrolment: str, by: Person) -> None:
        self._require_anywhere(by)
        with self._room.store.write() as unit:
            found = self._waiting(unit, enrolment)
            unit.enrolments.reject(enrolment, by.username)
            told = {"hostname": found.ask.hostname, "source": found.source}
            self._room.record(unit, by, "enrolment.reject", f"enrolment:{enrolment}", told, None)
            unit.changed(ENROLMENTS)

    def revoke(self, speaker: SpeakerId, by: Person) -> None:
        """Its box is put out at once and believed no more; the place stays and waits for another box."""
        with self._room.store.write() as unit:
            places = atlas(unit, self._room.zone)
            before = known_speaker(self._room, unit, places, speaker, by, Operation.TEND)
            if before.revoked:
                return
            unit.places.revoke(speaker)
            told = {"key": key_id(before.public_key)}
            self._room.record(unit, by, "speaker.revoke", f"speaker:{speaker}", told, None)
            rearrange(unit, self._room.planner, places, by.username, self._room.now())
            unit.changed(BROKER_USERS)

    def _hand_over(self, unit: Unit, found: Enrolment, speaker: SpeakerId, by: Person) -> None:
        """A credential for this box alone, and the answer that only it can read."""
        password, boxes, signer = new_password(), self._room.boxes, self._room.planner.signer
        unit.places.put_broker_user(speaker, SPEAKER, hash_password(password))
        said = transcript(found.ask, offer_of(self._room, found), found.box_nonce)
        grant = Grant(speaker, boxes.host, boxes.port, boxes.tls, boxes.ca_pem, password)
        ephemeral, sealed = seal_grant(grant, found.ask.sealing_key, said)
        keys = max(unit.site.key_lists().items())[1]
        answer = Answer(ephemeral, sealed, signer.enrolment(signed_answer(said, ephemeral, sealed)), keys)
        told = {name: getattr(answer, name) for name in Answer.__slots__}
        until = UtcMs(self._room.now() + FETCHED_MS)
        unit.enrolments.accept(found.id, speaker, json.dumps(told), by.username, until)
        unit.changed(ENROLMENTS, BROKER_USERS, "speakers")

    def _compared(self, unit: Unit, enrolment: str, code: str) -> Enrolment:
        found = self._waiting(unit, enrolment)
        given = "".join(code.split())
        if not hmac.compare_digest(given.encode(), found.code.encode()):
            raise Refusal(
                "wrong-code",
                n_("Mã không đúng với hộp loa này. Hãy so lại với mã hộp loa đọc; nếu vẫn khác, hãy từ chối hộp này."),
                field="code",
            )
        return found

    def _waiting(self, unit: Unit, enrolment: str) -> Enrolment:
        found = unit.enrolments.get(enrolment, self._room.now())
        if found is None or not found.code:
            raise unknown_enrolment()
        if found.state is not EnrolmentState.WAITING:
            raise Refusal("decided", n_("Hộp loa này đã được nhận hoặc từ chối rồi."), status=409)
        return found

    @staticmethod
    def _require_anywhere(by: Person) -> None:
        if not allows(by.grants, Operation.TEND):
            raise forbidden()


def _shown(found: Enrolment) -> NewBox:
    ask = found.ask
    return NewBox(
        found.id, found.code, ask.hostname, ask.serial, ask.agent_version, found.source, found.made, found.expires
    )
