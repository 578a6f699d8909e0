"""The site's key lists: the next one as a draft, the root's signature on it, and taking it in. No files, no sockets."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from controller.store.unit import Unit
from protocol.belief import judge
from protocol.envelope import Signature, open_envelope, signed_bytes, with_signatures
from protocol.errors import Malformed
from protocol.judgement import Believed, Trust
from protocol.keys import Role, SigningKey, key_id
from protocol.messages import KeyEntry, Keys
from protocol.topics import KeysTopic, build
from protocol.versions import Version
from schedules.playhead import ClockTrust
from schedules.units import SpeakerId, UtcMs


class NoList(Exception):
    """It is no key list that can follow; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the next list says otherwise: keys by role that come, short names of those that go."""

    come: tuple[tuple[Role, str], ...] = ()
    go: Collection[str] = ()


def newest(unit: Unit) -> Keys:
    """The list that speakers should hold."""
    lists = unit.site.key_lists()
    message = open_envelope(lists[max(lists)].encode()).message
    assert isinstance(message, Keys), "nothing else is kept there"
    return message


def entry(role: Role, public: str) -> KeyEntry:
    return KeyEntry(key_id(public), role.value, public)


def changed(held: Keys, change: Change, root_public: str, now: UtcMs) -> Keys:
    """The list after `held`. It always names its root, be it the one that was only pinned until now."""
    stay = [each for each in held.keys if each.key not in change.go]
    come = [entry(role, public) for role, public in change.come]
    roots = [each for each in (*stay, *come) if each.role == Role.ROOT]
    if not roots:
        come.insert(0, entry(Role.ROOT, root_public))
    return Keys(held.version + 1, now, (*stay, *come))


def of_role(held: Keys, role: Role) -> tuple[KeyEntry, ...]:
    return tuple(each for each in held.keys if each.role == role)


def draft(site: str, keys: Keys) -> bytes:
    """The list as it goes to the machine that has the root: a document without signatures."""
    return with_signatures(signed_bytes(site, keys), ())


def signed_with(payload: bytes, roots: Iterable[SigningKey]) -> bytes:
    """The draft, or the list, with the signatures of `roots` added. Raises NoList."""
    signed, held = _parts(payload)
    made = {each.key: each for each in held}
    for root in roots:
        made[root.key_id] = Signature(root.key_id, root.sign(signed))
    return with_signatures(signed, made.values())


def _parts(payload: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    try:
        opened = open_envelope(payload)
    except Malformed:
        opened = None
    if opened is None:  # a draft has no signatures: give it one that counts for nothing, to read it as strictly
        try:
            opened = open_envelope(_filled(payload))
        except Malformed as error:
            raise NoList(f"this is no key list: {error}") from error
        if not isinstance(opened.message, Keys):
            raise NoList(f"this is a {opened.type}, no key list")
        return opened.signed, ()
    if not isinstance(opened.message, Keys):
        raise NoList(f"this is a {opened.type}, no key list")
    return opened.signed, opened.signatures


def _filled(payload: bytes) -> bytes:
    nobody = b'{"key":"0000000000000000","sig":"' + b"0" * 128 + b'"}'
    return payload.strip().replace(b'"signatures":[]', b'"signatures":[' + nobody + b"]")


def told(payload: bytes) -> Keys:
    """What a draft or a list says, believed or not. Raises NoList."""
    signed, _ = _parts(payload)
    message = open_envelope(_filled(with_signatures(signed, ()))).message
    assert isinstance(message, Keys), "it was looked at"
    return message


def follow(unit: Unit, site: str, pinned: str, payload: bytes) -> Keys:
    """The list in `payload`, if every speaker that holds the newest would believe it next; raises NoList."""
    held, offered = newest(unit), told(payload)
    if offered.version != held.version + 1:
        raise NoList(f"it is list {offered.version}, and list {held.version + 1} comes next")
    trust = Trust(site, SpeakerId("anyone"), pinned, held, None, {"keys": Version(0, held.version)})
    topic = build(KeysTopic(offered.version))
    judged = judge(topic, payload, trust, UtcMs(0), ClockTrust.UNKNOWN)
    if not isinstance(judged, Believed):
        raise NoList(f"no speaker would believe it: {judged.name} ({judged.sentence})")
    return offered
