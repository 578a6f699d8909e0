"""Take in what a speaker says: its status, its playback records, what it misses. One unit of work, no sockets."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.airing import clip_topics
from controller.locality import locality
from controller.publishing import day_of
from controller.store.outbox import RANK_AUDIO, RANK_DOCUMENT
from controller.store.playbacks import Holding
from controller.store.unit import Unit
from controller.store.values import HeardStatus, Planned, Playback
from protocol import topics
from protocol.belief import judge_record
from protocol.codec import Malformed, load
from protocol.envelope import open_envelope
from protocol.messages import PlaybackRecord, Status, Wants
from protocol.versions import Version
from schedules.model import Targets
from schedules.states import IllegalMove, PlaybackState, move
from schedules.units import AreaId, BroadcastId, ClipId, SpeakerId, UtcMs

log = logging.getLogger(__name__)

MAX_WANTS = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything up to record `up_to` of the box's database is committed once this unit of work is."""

    speaker: SpeakerId
    store_id: str
    up_to: int


def take_record(unit: Unit, site: str, topic: topics.PlaybackTopic, payload: bytes, now: UtcMs) -> Stored | None:
    """Keep an authentic record and move the playback; None when it is not believed."""
    speaker = unit.places.speaker(topic.speaker)
    if speaker is None or speaker.revoked:
        log.warning("a record of the unknown or revoked speaker %s", topic.speaker)
        return None
    record = judge_record(payload, site, topic.speaker, speaker.public_key, topic.broadcast)
    if not isinstance(record, PlaybackRecord):
        log.warning("a record of %s is not believed: %s (%s)", topic.speaker, record.name, record.sentence)
        return None
    unit.playbacks.add_record(record.speaker, record.store_id, record.n, payload.decode(), now)
    return Stored(record.speaker, record.store_id, _apply(unit, record))


def _apply(unit: Unit, newest: PlaybackRecord) -> int:
    """Apply records in their order, as far as they are here without a gap; returns the last one applied."""
    speaker, store_id = newest.speaker, newest.store_id
    applied = unit.playbacks.applied(speaker, store_id)
    begun = applied
    while (payload := unit.playbacks.record(speaker, store_id, applied + 1)) is not None:
        applied += 1
        # It was believed when it was kept; the speaker may have another box, with another key, by now.
        record = open_envelope(payload.encode()).message
        assert isinstance(record, PlaybackRecord), "nothing else is kept"
        if anomaly := _move(unit, record):
            log.warning("record %s/%s of %s is an anomaly: %s", store_id, applied, speaker, anomaly)
            unit.playbacks.mark_anomaly(speaker, store_id, applied, anomaly)
    if applied > begun:
        unit.playbacks.set_applied(speaker, store_id, applied)
    return applied


def _move(unit: Unit, record: PlaybackRecord) -> str:
    """Move the playback; returns why not, "" when it was moved."""
    planned = unit.broadcasts.get(record.broadcast)
    if planned is None:
        return "unknown-broadcast"
    held = unit.playbacks.get(record.broadcast, record.speaker)
    if held is None:
        if record.speaker not in addressed_by(unit, planned):
            return "not-addressed"
        unit.playbacks.plan(record.broadcast, [record.speaker])
        held = Playback(record.broadcast, record.speaker, PlaybackState.PENDING)
    try:
        state = move(held.state, record.state)
    except IllegalMove as illegal:
        return str(illegal)
    measured = record.measured
    unit.playbacks.update(
        record.broadcast,
        record.speaker,
        state=state.value,
        reason=record.reason.value,
        detail=record.detail,
        started_us=measured.started_us,
        start_error_us=measured.start_error_us,
        heard_ms=measured.heard_ms,
        content_ms=measured.content_ms,
        frames=measured.frames,
        underruns=measured.underruns,
        level_cdb=measured.level_cdb,
        moved_ms=record.at_ms,
        ended_us=measured.ended_us,
        volume=measured.volume_percent,
        loudness_clu=measured.loudness_clu,
        levels_db=list(measured.levels_db),
        levels_step_s=measured.levels_step_s,
        microphone=measured.microphone,
        microphone_cdb=measured.microphone_cdb,
    )
    unit.changed(f"broadcast:{record.broadcast}", "day")
    return ""


def addressed_by(unit: Unit, planned: Planned) -> frozenset[SpeakerId]:
    """The speakers that the newest revision is for, by where they are when it starts."""
    places = locality(unit, planned.broadcast.start, planned.time_zone)
    return places.addressed(Targets(planned.areas, planned.speakers)) - frozenset(planned.excluded)


def take_status(unit: Unit, speaker: SpeakerId, payload: bytes, now: UtcMs) -> Status | None:
    """Keep the newest status and what it says the speaker holds; returns what is said by one that is online."""
    try:
        status = load(Status, payload)
    except Malformed as error:
        log.warning("the status of %s is malformed: %s", speaker, error)
        return None
    known = unit.places.speaker(speaker)
    if status.speaker != speaker or known is None or known.revoked:
        log.warning("a status of %s that is not its own", speaker)
        return None
    before = unit.places.status(speaker)
    if before is not None and not status.online and status.boot_id != before.boot_id and before.online:
        return None  # the last will of an earlier run came after the new run's first word
    # A will carries the time at which it was made, so times are no order between it and what came before.
    fresh = before is None or not before.online or before.boot_id != status.boot_id
    since = now if status.online and fresh else (before.online_since if before else now)
    unit.places.put_status(
        HeardStatus(speaker, status.online, status.at_ms, now, since, status.boot_id, payload.decode())
    )
    if status.online:  # a last will was made before there was anything to hold
        _take_holdings(unit, status, now)
    unit.changed("speakers")
    return status if status.online else None


def _take_holdings(unit: Unit, status: Status, now: UtcMs) -> None:
    """Keep what the speaker holds of each broadcast, also that it holds nothing of one any more."""
    listed = {each.broadcast: each for each in status.broadcasts}
    known = unit.playbacks.holdings(status.speaker, now)
    left_out = [each for each in known if each.broadcast not in listed]
    covered = _covered(unit, status, left_out)
    changed: list[Holding] = []
    for each in known:
        if line := listed.get(each.broadcast):
            newer = replace(each, held=line.version, have=line.have, total=line.total)
        else:
            newer = replace(each, held=each.version if each.broadcast in covered else Version(0, 0))
        if newer != each:
            changed.append(newer)
            unit.changed(f"broadcast:{each.broadcast}")
    unit.playbacks.put_holdings(status.speaker, changed)


def _covered(unit: Unit, status: Status, left_out: Sequence[Holding]) -> frozenset[BroadcastId]:
    """Those that a plan in its newest version lists and of which the speaker says that nothing is missing.

    A box names a limited number of broadcasts one by one; of the others only its plans tell.
    """
    full = {(plan.route, plan.day): plan.version for plan in status.plans if plan.missing == 0}
    days = {day_of(each.start) for each in left_out}
    newest = {
        (route, day)
        for (route, day), version in full.items()
        if day in days and (plan := unit.broadcasts.plan(route, day)) is not None and version >= plan.version
    }
    if not newest:
        return frozenset()
    return frozenset(
        each.broadcast
        for each in left_out
        if any((route, day_of(each.start)) in newest for route in unit.broadcasts.routes(each.broadcast))
    )


def take_wants(unit: Unit, speaker: SpeakerId, payload: bytes, now: UtcMs, default_zone: str) -> tuple[str, ...]:
    """Publish again what the speaker misses and has a right to; returns those topics."""
    try:
        wants = load(Wants, payload)
    except Malformed as error:
        log.warning("wants of %s are malformed: %s", speaker, error)
        return ()
    if wants.speaker != speaker:
        return ()
    places = locality(unit, now, default_zone)
    if speaker in places.boxless:
        return ()
    area = places.where.get(speaker)
    areas = {area, *places.tree.ancestors(area)} if area is not None else set()
    clips = _clips_of(unit, speaker, now)
    granted = tuple(name for name in wants.topics[:MAX_WANTS] if _has_right(name, speaker, areas, clips))
    audio = [
        name for name in granted if isinstance(topics.parse(name), topics.AudioIndexTopic | topics.AudioChunkTopic)
    ]
    for clip in {_clip_of(name) for name in audio}:
        _air_again(unit, clip, now)
    unit.outbox.dirty([name for name in granted if name not in audio], RANK_DOCUMENT, now)
    unit.outbox.dirty(audio, RANK_AUDIO, now)
    return granted


def _air_again(unit: Unit, clip: ClipId, now: UtcMs) -> None:
    if not unit.bulletins.is_aired(clip) and (known := unit.bulletins.clip(clip)) is not None:
        unit.outbox.dirty(clip_topics(clip, known.ref.size_bytes), RANK_AUDIO, now)
    unit.bulletins.air(clip, now)


def _clip_of(name: str) -> ClipId:
    return ClipId(name.split("/")[3])


def _clips_of(unit: Unit, speaker: SpeakerId, now: UtcMs) -> frozenset[ClipId]:
    """The clips of live broadcasts that this speaker is to play."""
    live = {planned.id: planned for planned in unit.broadcasts.live(now)}
    return frozenset(
        clip.id
        for playback in unit.playbacks.of_speaker(speaker, list(live))
        for clip in live[playback.broadcast].broadcast.clips
    )


def _has_right(name: str, speaker: SpeakerId, areas: set[AreaId], clips: frozenset[ClipId]) -> bool:
    try:
        topic = topics.parse(name)
    except topics.NotOurTopic:
        return False
    match topic:
        case topics.KeysTopic():
            return True
        case topics.SpeakerTopic(owner, leaf):
            return owner == speaker and leaf == topics.CONFIG
        case topics.PlanTopic(route, _) | topics.BroadcastTopic(route, _):
            return (isinstance(route, topics.SpeakerRoute) and route.speaker == speaker) or (
                isinstance(route, topics.AreaRoute) and route.area in areas
            )
        case topics.AudioIndexTopic(clip) | topics.AudioChunkTopic(clip, _):
            return clip in clips
    return False
