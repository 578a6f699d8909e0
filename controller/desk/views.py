"""From what the store keeps to what people are shown."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from controller.desk.sentences import of_part, places_words, preparation_error
from controller.desk.values import (
    AreaNode,
    BroadcastLine,
    BroadcastPhase,
    BroadcastView,
    BulletinView,
    ClipView,
    PlaybackView,
    Preparation,
    PreparationState,
    SpeakerView,
)
from controller.language import _
from controller.locality import Locality
from controller.said import Sounding, said
from controller.store.values import Bulletin, Clip, HeardStatus, Job, Planned, Playback, Speaker
from protocol.messages import NO_LOUDNESS_CLU
from schedules.areas import AreaTree
from schedules.model import StartRule, Targets
from schedules.states import ACCOUNTED, BEGUN, FINAL, PlaybackState
from schedules.units import AreaId, BroadcastId, DurationMs, Percent, SpeakerId, UtcMs


def area_nodes(places: Locality) -> tuple[AreaNode, ...]:
    """The tree as it is shown, roots first."""
    counts = Counter(places.where.values())

    def node(area: AreaId, depth: int) -> AreaNode:
        children = tuple(node(child, depth + 1) for child in places.tree.children.get(area, ()))
        speakers = counts[area] + sum(child.speakers for child in children)
        return AreaNode(places.tree.area(area), depth, speakers, children)

    return tuple(node(root, 0) for root in places.tree.children.get(None, ()))


def area_name(places: Locality, speaker: SpeakerId) -> str:
    area = places.where.get(speaker)
    return places.tree.area(area).full_name if area is not None else ""


def speaker_view(speaker: Speaker, places: Locality, heard: HeardStatus | None) -> SpeakerView:
    status = said(heard)
    online = heard is not None and heard.online
    playing = status.now_playing if online else ""
    return SpeakerView(
        id=speaker.id,
        name=speaker.name,
        area=places.where.get(speaker.id, AreaId("")),
        area_name=area_name(places, speaker.id),
        online=online,
        last_seen=heard.seen if heard else None,
        now_playing=BroadcastId(playing) if playing else None,
        now_playing_title=status.title if playing else "",
        volume=status.volume,
        clock=status.clock,
        clock_source=status.clock_source,
        clock_error_ms=status.clock_error_ms,
        clock_system_ms=status.clock_system_ms,
        agent_version=status.agent_version,
        revoked=speaker.revoked,
        alarms=status.alarms if online else (),
    )


def bulletin_view(bulletin: Bulletin, job: Job | None, clips: Sequence[Clip]) -> BulletinView:
    if job is None:
        preparation = Preparation(PreparationState.WAITING, "", 0)
    else:
        state = PreparationState(job.state)
        error = of_part(job.part, preparation_error(job.error_code, job.error))
        step = of_part(job.part, _(job.step))
        preparation = Preparation(state, step, job.percent, error, job.error_code, job.replaced)
    return BulletinView(
        id=bulletin.id,
        title=bulletin.title,
        field=bulletin.field,
        summary=bulletin.summary,
        author=bulletin.author,
        source=bulletin.source,
        language=bulletin.language,
        priority=bulletin.priority,
        state=bulletin.state,
        text=bulletin.text,
        spoken=bulletin.spoken,
        filename=bulletin.filename,
        preparation=preparation,
        clips=tuple(ClipView(c.id, c.ref.size_bytes, c.ref.duration, c.loudness_cdb, c.true_peak_cdb) for c in clips),
        created=bulletin.made,
        created_by=bulletin.made_by,
        version=bulletin.version,
        edited=bulletin.edited,
        edited_by=bulletin.edited_by,
    )


def phase_of(planned: Planned, states: Collection[PlaybackState], now: UtcMs) -> BroadcastPhase:
    """Where the broadcast as a whole stands."""
    broadcast = planned.broadcast
    sounding = now < broadcast.hard_end and any(state in BEGUN for state in states)
    if sounding:
        return BroadcastPhase.PLAYING
    if planned.cancelled:
        return BroadcastPhase.OVER if planned.stopped else BroadcastPhase.CANCELLED
    if now < broadcast.start:
        return BroadcastPhase.COMING
    settled = bool(states) and all(state in ACCOUNTED for state in states)
    if settled or now >= broadcast.latest_start + broadcast.duration:
        return BroadcastPhase.OVER
    return BroadcastPhase.PLAYING


def places_of(planned: Planned, places: Locality) -> str:
    return targets_of(Targets(planned.areas, planned.speakers), places)


def targets_of(targets: Targets, places: Locality) -> str:
    """The places of targets that are areas and speakers, as people call them."""
    known = [area for area in targets.areas if area in places.tree.areas]
    names = [places.speakers[each].name for each in targets.speakers if each in places.speakers]
    return places_words(_smallest(places.tree, known), names)


def _smallest(tree: AreaTree, areas: Sequence[AreaId]) -> tuple[str, ...]:
    # One alone is named by itself; most are.
    return (tree.area(areas[0]).full_name,) if len(areas) == 1 else tree.name_places(areas)


def broadcast_view(
    planned: Planned,
    playbacks: Sequence[Playback],
    places: Locality,
    statuses: Mapping[SpeakerId, HeardStatus],
    now: UtcMs,
) -> BroadcastView:
    broadcast = planned.broadcast
    views = [_playback_view(playback, planned, places, statuses.get(playback.speaker)) for playback in playbacks]
    return BroadcastView(
        id=planned.id,
        bulletin=planned.bulletin,
        schedule=planned.schedule,
        title=planned.title,
        priority=broadcast.priority,
        phase=phase_of(planned, [playback.state for playback in playbacks], now),
        start=broadcast.start,
        latest_start=broadcast.latest_start,
        hard_end=broadcast.hard_end,
        time_zone=planned.time_zone,
        duration=broadcast.duration,
        volume=broadcast.volume,
        places_sentence=places_of(planned, places),
        epoch=planned.version.epoch,
        revision=planned.version.revision,
        cancelled=planned.cancelled,
        stopped=planned.stopped,
        playbacks=tuple(sorted(views, key=lambda view: (view.area_name, view.speaker_name, view.speaker))),
    )


def _playback_view(playback: Playback, planned: Planned, places: Locality, heard: HeardStatus | None) -> PlaybackView:
    sounded = playback.started_us > 0
    speaker = places.speakers.get(playback.speaker)
    return PlaybackView(
        speaker=playback.speaker,
        speaker_name=speaker.name if speaker else playback.speaker,
        area_name=area_name(places, playback.speaker),
        state=playback.state,
        reason=playback.reason,
        detail=playback.detail,
        have=playback.have,
        total=playback.total,
        started=UtcMs(playback.started_us // 1000) if sounded else None,
        start_error_us=playback.start_error_us if sounded else None,
        heard=_heard(playback, planned.broadcast.rule, heard),
        content=DurationMs(playback.content_ms or planned.broadcast.duration),
        level_cdb=_level(playback, heard, sounded),
        underruns=playback.underruns,
        online=heard is not None and heard.online,
        holds_newest=playback.held >= planned.version,
        ended=UtcMs(playback.ended_us // 1000) if playback.ended_us and playback.state in FINAL else None,
        played_volume=Percent(playback.volume) if sounded else None,
        loudness_clu=playback.loudness_clu if playback.loudness_clu > NO_LOUDNESS_CLU else None,
        levels_db=playback.levels_db if playback.state in FINAL else (),
        levels_step_s=playback.levels_step_s,
        microphone=playback.microphone,
        microphone_cdb=playback.microphone_cdb,
    )


def _held(playback: Playback, heard: HeardStatus | None) -> Sounding | None:
    """While it has begun: how the box's status tells it now."""
    return said(heard).sounding.get(playback.broadcast) if playback.state in BEGUN else None


def _heard(playback: Playback, rule: StartRule, heard: HeardStatus | None) -> DurationMs:
    """While it sounds, how far it has come, less what a late join passed over; afterwards from the record."""
    held = _held(playback, heard)
    if held is None:
        return DurationMs(playback.heard_ms)
    passed_over = max(0, playback.start_error_us // 1000) if rule is StartRule.JOIN else 0
    return DurationMs(max(playback.heard_ms, held.position_ms - passed_over))


def _level(playback: Playback, heard: HeardStatus | None, sounded: bool) -> int | None:
    """While it sounds, the level now, from the status; afterwards the level of the whole, from the record."""
    held = _held(playback, heard)
    if held is not None:
        return held.level_cdb
    return playback.level_cdb if sounded else None


def broadcast_line(
    planned: Planned, counts: Mapping[PlaybackState, int], places: Locality, now: UtcMs
) -> BroadcastLine:
    return BroadcastLine(
        id=planned.id,
        title=planned.title,
        priority=planned.broadcast.priority,
        phase=phase_of(planned, tuple(counts), now),
        start=planned.broadcast.start,
        time_zone=planned.time_zone,
        duration=planned.broadcast.duration,
        places_sentence=places_of(planned, places),
        counts=tuple(sorted(counts.items())),
    )
