"""Every rule by which a document from the wire is believed, in one place, and nothing else.

A speaker asks `judge` of all that it hears and `may_play` again just before sound, `judge_answer` of what it is told
about the time; the controller asks `judge_record` of what a box says. The checks run in this order and the first that
fails names the refusal:

 1. size        at most 256 KiB
 2. form        strict JSON of a known type and schema; ids, hashes, spans; start ≤ latest start ≤ hard end;
                the topic is one that speakers hear and agrees with the content (route, day, id, speaker)
 3. site        made for this site
 4. key         signed by a key of the role that this content needs: root → key list; schedule → plan, normal and
                priority broadcast; emergency → emergency broadcast and nothing else; config → config;
                session → command, receipt, time of day. A key that no list we hold names: deferred. A key list
                follows the one we hold (`protocol/chain.py`); while one between is missing: deferred
 5. signature   Ed25519 over the canonical bytes of `signed`
 6. audience    for this speaker: it is named, or is at the broadcast's start in an area that is named (and is not
                excluded). A revision of what we hold is heard even if it no longer addresses us, for that cancels it.
                No config yet: deferred
 7. expiry      not past `expires_ms` (key list and config never expire). No trusted clock: deferred
 8. version     not below the highest of this document ever believed, nor of an epoch before the highest ever
                believed; the same version only with the same bytes
 9. quiet_hours a broadcast below emergency rank, unless cancelled, does not sound in the speaker's quiet hours
10. weekday     nor on another than the allowed weekdays (9-12 are schedules/rails.py)
11. session_cap nor longer than a session may be; when it is to begin, together with what came out before
12. daily_cap   nor longer than the sound of a day may be; in the same way
13. volume      not louder than the config allows, unless cancelled
 -  media       index and chunks are what the broadcast's hashes say (`protocol/clips.py`; the box names it)
 -  nonce       an answer about the time is to a question that is open here (in the place of 7 and 8)

What it leaves out: it keeps nothing (the caller stores versions, hashes and deferred documents, bounded); it does
not know whether a command was already carried out (the caller remembers command ids); `issued_ms` is told to
people and never judged; a box that holds no key list yet believes any that its pinned root has signed, be it an old
one; that the rank of a broadcast may change between revisions (so the schedule key can withdraw an emergency) is
accepted; whether a plan and its broadcasts agree is completeness, not belief.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import assert_never

from protocol import topics
from protocol.canonical import sha256_hex
from protocol.chain import broken_link, roots_of, signed_by
from protocol.codec import MAX_DOCUMENT_BYTES
from protocol.envelope import Envelope, Signature, open_envelope
from protocol.errors import Malformed
from protocol.identity import identity_of, role_for, version_of
from protocol.judgement import Awaits, Believed, Deferred, Disbelieved, Judgement, Refused, Trust
from protocol.keys import Role, key_id
from protocol.messages import BroadcastOrder, ClockAnswer, Command, Config, Keys, Plan, PlaybackRecord, Receipt, Signed
from protocol.versions import NEVER
from schedules.model import Priority, StartRule
from schedules.playhead import ClockTrust
from schedules.rails import Rail, Rails, Stretch, breach_of
from schedules.units import BroadcastId, DurationMs, SpeakerId, UtcMs

__all__ = [
    "Awaits",
    "Believed",
    "Deferred",
    "Disbelieved",
    "Judgement",
    "Refused",
    "Trust",
    "addressed",
    "areas_of",
    "good_signatures",
    "identity_of",
    "judge",
    "judge_answer",
    "judge_record",
    "may_play",
    "role_for",
    "version_of",
]

_Doubt = Disbelieved | Deferred | None

_DAY_MS = 86_400_000
_UNIX_DAY_ZERO = date(1970, 1, 1).toordinal()
_CAP_TOLERANCE = DurationMs(2_000)
"""What came out is never exactly as long as was planned."""
_RAILS: Mapping[Rail, tuple[Refused, str]] = {
    Rail.QUIET_HOURS: (Refused.QUIET_HOURS, "it would sound in this speaker's quiet hours"),
    Rail.WEEKDAY: (Refused.WEEKDAY, "nothing may sound here on that day of the week"),
    Rail.SESSION_CAP: (Refused.SESSION_CAP, "the session would be longer than is allowed here"),
    Rail.DAILY_CAP: (Refused.DAILY_CAP, "the day's sound would be more than is allowed here"),
}


def judge(topic: str, payload: bytes, trust: Trust, now: UtcMs, clock: ClockTrust) -> Judgement:
    """Whether the speaker of `trust` believes `payload`, heard on `topic` at `now`; never raises for bad input."""
    opened = _open(payload)
    if isinstance(opened, Disbelieved):
        return opened
    message = opened.message
    doubt = (
        _wrong_topic(topic, message)
        or _wrong_site(opened, trust.site)
        or _wrong_signature(opened, trust)
        or _not_for_us(topic, message, trust)
        or _expired(message, now, clock)
        or _old(opened, trust)
        or (_unfit(message, trust.config) if isinstance(message, BroadcastOrder) else None)
    )
    if doubt is not None:
        return doubt
    return Believed(message, identity_of(message), version_of(message), sha256_hex(opened.signed))


def may_play(
    order: BroadcastOrder,
    trust: Trust,
    now: UtcMs,
    clock: ClockTrust,
    offset: DurationMs | None = None,
    sounded: Iterable[Stretch] = (),
) -> Disbelieved | None:
    """Belief again just before sound: audience, expiry, version, guard rails until what remains has sounded, volume.

    `offset` is how much of the content is behind us; None: what the start rule says for a start at `now`.
    `sounded` is what came out of this speaker lately, emergencies left out: it counts for the caps.
    Without a trusted clock nothing plays on schedule: refused as `expiry`.
    """
    if order.cancelled or not addressed(order, trust.config, trust.speaker, order.broadcast.start):
        return Disbelieved(Refused.AUDIENCE, "it is withdrawn, or no longer for this speaker")
    doubt = _expired(order, now, clock)
    if doubt is not None:
        return Disbelieved(Refused.EXPIRY, doubt.sentence)
    if order.version < trust.versions.get(identity_of(order), NEVER):
        return Disbelieved(Refused.VERSION, "a newer revision is known")
    remains = max(0, order.broadcast.duration - _behind(order, now, offset))
    return _barred(order, trust.config, now, UtcMs(now + remains), sounded) or _loud(order, trust.config)


def addressed(order: BroadcastOrder, config: Config | None, speaker: SpeakerId, at_ms: UtcMs) -> bool:
    """Whether `order` is for `speaker`: named, or in a named area at `at_ms`; never when excluded."""
    if speaker in order.excluded:
        return False
    return speaker in order.speakers or not areas_of(config, at_ms, at_ms + 1).isdisjoint(order.areas)


def areas_of(config: Config | None, begin_ms: int, end_ms: int) -> frozenset[str]:
    """Every area, ancestors included, that the speaker is in at some time of [begin_ms, end_ms)."""
    return frozenset(
        area
        for member in (config.memberships if config else ())
        if member.from_ms < end_ms and (member.until_ms == 0 or begin_ms < member.until_ms)
        for area in (member.area, *member.ancestors)
    )


def judge_record(
    payload: bytes, site: str, speaker: SpeakerId, public_hex: str, broadcast: BroadcastId | None = None
) -> PlaybackRecord | Disbelieved:
    """The controller's side: the record in `payload`, if the box `speaker` with key `public_hex` signed it.

    `broadcast`, when given, is what the topic names and the record must agree with.
    """
    opened = _open(payload)
    if isinstance(opened, Disbelieved):
        return opened
    record = opened.message
    if not isinstance(record, PlaybackRecord) or broadcast not in (None, record.broadcast):
        return Disbelieved(Refused.FORM, "not a record of the playback that the topic names")
    if (doubt := _wrong_site(opened, site)) is not None:
        return doubt
    if key_id(public_hex) not in {signature.key for signature in opened.signatures}:
        return Disbelieved(Refused.KEY, f"not signed by the key of {speaker}")
    if not signed_by(opened, {key_id(public_hex): public_hex}):
        return Disbelieved(Refused.SIGNATURE, "the signature is not of these bytes")
    if record.speaker != speaker:
        return Disbelieved(Refused.AUDIENCE, f"a record of {record.speaker}, told by {speaker}")
    return record


def judge_answer(
    topic: str, payload: bytes, trust: Trust, open_questions: Mapping[str, int]
) -> ClockAnswer | Disbelieved | Deferred:
    """What the controller says about the time, if it answers one of `open_questions` (nonce → when it was asked, µs).

    No clock is needed to believe it. The caller closes a question with its first believed answer: heard again, the same
    answer belongs to none.
    """
    opened = _open(payload)
    if isinstance(opened, Disbelieved):
        return opened
    answer = opened.message
    if not isinstance(answer, ClockAnswer):
        return Disbelieved(Refused.FORM, f"a {answer.TYPE} is no answer about the time")
    doubt = (
        _wrong_topic(topic, answer)
        or _wrong_site(opened, trust.site)
        or _wrong_signature(opened, trust)
        or _not_for_us(topic, answer, trust)
    )
    if doubt is not None:
        return doubt
    if open_questions.get(answer.nonce) != answer.asked_us:
        return Disbelieved(Refused.NONCE, "it answers no question that is open here")
    return answer


def _open(payload: bytes) -> Envelope | Disbelieved:
    if len(payload) > MAX_DOCUMENT_BYTES:
        return Disbelieved(Refused.SIZE, f"{len(payload)} bytes are more than {MAX_DOCUMENT_BYTES}")
    try:
        return open_envelope(payload)
    except Malformed as error:
        return Disbelieved(Refused.FORM, str(error))


def _topic_fits(topic: topics.Topic, message: Signed) -> bool:
    match topic, message:
        case topics.SpeakerTopic(speaker, topics.CLOCK_ANSWER), ClockAnswer():
            return speaker == message.speaker
        case topics.KeysTopic(version), Keys():
            return version == message.version
        case topics.PlanTopic(route, day), Plan():
            return topics.route_name(route) == message.route and day.isoformat() == message.day
        case topics.BroadcastTopic(_, broadcast), BroadcastOrder():
            return broadcast == message.broadcast.id
        case topics.SpeakerTopic(speaker, topics.CONFIG), Config():
            return speaker == message.speaker
        case topics.SpeakerTopic(speaker, topics.COMMANDS), Command():
            return speaker == message.speaker
        case topics.SpeakerTopic(speaker, topics.RECEIPTS), Receipt():
            return speaker == message.speaker
    return False


def _wrong_topic(name: str, message: Signed) -> Disbelieved | None:
    try:
        topic = topics.parse(name)
    except topics.NotOurTopic as error:
        return Disbelieved(Refused.FORM, str(error))
    if not _topic_fits(topic, message):
        return Disbelieved(Refused.FORM, f"a {message.TYPE} that does not belong on {name}")
    return None


def _wrong_site(opened: Envelope, site: str) -> Disbelieved | None:
    if opened.site != site:
        return Disbelieved(Refused.SITE, f"made for the site {opened.site}")
    return None


def good_signatures(opened: Envelope, trust: Trust) -> tuple[Signature, ...]:
    """Those made by a key that may sign it by the key list of now; none: nobody answers for it any more."""
    known, role = _known_keys(trust), role_for(opened.message)
    return tuple(
        each
        for each in opened.signatures
        if each.key in known and known[each.key][0] == role and signed_by(opened, {each.key: known[each.key][1]})
    )


def _known_keys(trust: Trust) -> dict[str, tuple[str, str]]:
    """Short name → (role, public key); a root is a root whatever else a list calls it."""
    listed = {entry.key: (entry.role, entry.public) for entry in (trust.keys.keys if trust.keys else ())}
    roots = {name: (Role.ROOT.value, public) for name, public in roots_of(trust.keys, trust.root_public).items()}
    return {**listed, **roots}


def _wrong_signature(opened: Envelope, trust: Trust) -> _Doubt:
    if isinstance(opened.message, Keys):
        return broken_link(opened, opened.message, trust.keys, trust.root_public)
    role = role_for(opened.message)
    known = _known_keys(trust)
    named = {signature.key for signature in opened.signatures} & known.keys()
    fit = {name: known[name][1] for name in named if known[name][0] == role}
    if not fit and named:
        return Disbelieved(Refused.KEY, f"not signed by a key of the role {role}")
    if not fit:
        return Deferred(Awaits.KEY, "signed by a key that no key list held here names")
    if not signed_by(opened, fit):
        return Disbelieved(Refused.SIGNATURE, "the signature is not of these bytes")
    return None


def _plan_is_for(plan: Plan, trust: Trust) -> bool:
    kind, _, name = plan.route.partition("/")
    if kind == "speakers":
        return name == trust.speaker
    begin = (date.fromisoformat(plan.day).toordinal() - _UNIX_DAY_ZERO) * _DAY_MS
    return name in areas_of(trust.config, begin, begin + _DAY_MS)


def _is_for_us(message: Signed, trust: Trust) -> bool:
    match message:
        case Keys():
            return True
        case Plan():
            return _plan_is_for(message, trust)
        case BroadcastOrder():
            return addressed(message, trust.config, trust.speaker, message.broadcast.start)
        case Config() | Command() | Receipt() | ClockAnswer() | PlaybackRecord():
            return message.speaker == trust.speaker
    assert_never(message)


def _speaker_of(topic: topics.Topic) -> SpeakerId | None:
    """Whose own topic it is; None for the topics of areas and of all."""
    match topic:
        case topics.SpeakerTopic(speaker, _) | topics.PlaybackTopic(speaker, _):
            return speaker
        case topics.PlanTopic(topics.SpeakerRoute(speaker), _) | topics.BroadcastTopic(topics.SpeakerRoute(speaker), _):
            return speaker
    return None


def _not_for_us(topic: str, message: Signed, trust: Trust) -> _Doubt:
    if _speaker_of(topics.parse(topic)) not in (None, trust.speaker):
        return Disbelieved(Refused.AUDIENCE, "it came on the topic of another speaker")
    if isinstance(message, Plan | BroadcastOrder) and trust.config is None:
        return Deferred(Awaits.AUDIENCE, "this speaker does not know yet which areas it is in")
    if _is_for_us(message, trust) or identity_of(message) in trust.versions:
        return None
    return Disbelieved(Refused.AUDIENCE, "it is for others")


def _expired(message: Signed, now: UtcMs, clock: ClockTrust) -> _Doubt:
    if isinstance(message, Keys | Config | PlaybackRecord):
        return None
    if isinstance(message, ClockAnswer):
        return Disbelieved(Refused.NONCE, "nothing was asked here")
    if clock is ClockTrust.UNKNOWN:
        return Deferred(Awaits.CLOCK, "no trusted clock says whether it is still valid")
    if message.expires_ms < now:
        return Disbelieved(Refused.EXPIRY, f"it expired {now - message.expires_ms} ms ago")
    return None


def _old(opened: Envelope, trust: Trust) -> Disbelieved | None:
    identity, version = identity_of(opened.message), version_of(opened.message)
    if isinstance(opened.message, Plan | BroadcastOrder | Config) and version.epoch < trust.epoch:
        return Disbelieved(Refused.VERSION, f"the epoch {version.epoch} is over, {trust.epoch} is known")
    held = trust.versions.get(identity, NEVER)
    if version < held or version == NEVER:
        return Disbelieved(Refused.VERSION, f"{version} is older than {held}, which is known")
    held_hash = trust.hashes.get(identity, "")
    if version == held and held_hash and held_hash != sha256_hex(opened.signed):
        return Disbelieved(Refused.VERSION, f"{version} is known with other content")
    return None


def _unfit(order: BroadcastOrder, config: Config | None) -> Disbelieved | None:
    if order.cancelled:
        return None
    begin = order.broadcast.start
    return _barred(order, config, begin, UtcMs(begin + order.broadcast.duration), ()) or _loud(order, config)


def _behind(order: BroadcastOrder, now: UtcMs, offset: DurationMs | None) -> int:
    if offset is not None:
        return offset
    return max(0, now - order.broadcast.start) if order.broadcast.rule is StartRule.JOIN else 0


def rails_of(config: Config) -> Rails:
    """The guard rails of the place that the config tells."""
    return Rails(
        config.time_zone,
        config.quiet_hours,
        config.weekdays,
        DurationMs(config.session_cap_ms) if config.session_cap_ms else None,
        DurationMs(config.daily_cap_ms) if config.daily_cap_ms else None,
    )


def _barred(
    order: BroadcastOrder, config: Config | None, begin: UtcMs, end: UtcMs, sounded: Iterable[Stretch]
) -> Disbelieved | None:
    if config is None or order.broadcast.priority is Priority.EMERGENCY:
        return None
    stretch = Stretch(begin, UtcMs(min(end, order.broadcast.hard_end)))
    breach = breach_of(stretch, sounded, rails_of(config), _CAP_TOLERANCE)
    return None if breach is None else Disbelieved(*_RAILS[breach.rail])


def _loud(order: BroadcastOrder, config: Config | None) -> Disbelieved | None:
    if config is not None and order.broadcast.volume > config.volume_max_percent:
        return Disbelieved(
            Refused.VOLUME, f"volume {order.broadcast.volume} is above the {config.volume_max_percent} allowed here"
        )
    return None
