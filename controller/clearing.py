"""Deletes recordings and clips that nothing speaks of any more, by the rules of `controller.retention`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audio.clips import ClipStore, RecordingStore
from controller.retention import DAY_MS, Facts, keeps
from controller.store.shelf import KEPT_KINDS, Shelves, Uses
from controller.store.unit import Store, Unit
from controller.store.values import Recording
from schedules.model import BulletinState
from schedules.units import BulletinId, ClipId, RecordingId, UtcMs


@dataclass(frozen=True, slots=True)
class Cleared:
    clips: tuple[ClipId, ...] = ()
    recordings: tuple[RecordingId, ...] = ()


class Clearing:
    def __init__(self, store: Store, clips: ClipStore, recordings: RecordingStore, keep_days: int) -> None:
        """`keep_days` 0: nothing is ever deleted."""
        self._store, self._clips, self._recordings, self._days = store, clips, recordings, keep_days

    def turn(self, now: UtcMs) -> Cleared:
        """Delete what may be. While a sound is being made nothing is: it could be about to use the same bytes."""
        if self._days == 0:
            return Cleared()
        with self._recordings.lock, self._store.write() as unit:
            shelves = Shelves(unit.connection)
            if shelves.busy():
                return Cleared()
            gone = Cleared(self._clips_to_clear(shelves, now), self._recordings_to_clear(unit, shelves, now))
            shelves.forget_clips(gone.clips)
            shelves.forget_recordings(gone.recordings)
            for clip in gone.clips:
                self._clips.remove(clip)
            for recording in gone.recordings:
                self._recordings.remove(recording)
            if gone != Cleared():
                told = {"clips": list(gone.clips), "recordings": list(gone.recordings)}
                unit.audit.add(now, "", "", "recording.clear", "site:", told, None)
                unit.changed("recordings", "audit")
        return gone

    def _clips_to_clear(self, shelves: Shelves, now: UtcMs) -> tuple[ClipId, ...]:
        old = shelves.clips_made_before(UtcMs(now - self._days * DAY_MS))
        if not old:
            return ()
        spoken, found = shelves.spoken_of(old.keys(), now), []
        for clip, made in old.items():
            facts = Facts(
                made,
                on_air=clip in spoken.on_air,
                pending=clip in spoken.pending,
                planned=clip in spoken.planned,
                proven=clip in spoken.proven,
                in_bulletin=clip in spoken.sounding,
            )
            if keeps(facts, now, self._days) is None:
                found.append(clip)
        return tuple(found)

    def _recordings_to_clear(self, unit: Unit, shelves: Shelves, now: UtcMs) -> tuple[RecordingId, ...]:
        uses = shelves.uses()
        abandoned = shelves.abandoned(UtcMs(now - self._days * DAY_MS))
        found = []
        for recording in unit.recordings.all():
            facts = facts_of(recording, uses.get(recording.id, Uses()), abandoned, unit, now)
            if keeps(facts, now, self._days) is None:
                found.append(recording.id)
        return tuple(found)


def facts_of(recording: Recording, uses: Uses, abandoned: frozenset[BulletinId], unit: Unit, now: UtcMs) -> Facts:
    """Of a recording: a bulletin that nobody waits for does not count."""
    using: Mapping[BulletinId, BulletinState] = {
        bulletin: state for bulletin, _title, state in uses.bulletins if bulletin not in abandoned
    }
    until, over = recording.made, False
    if recording.expires is not None:
        end = datetime.combine(recording.expires + timedelta(days=1), datetime.min.time(), UTC)
        until, over = UtcMs(max(until, int(end.timestamp() * 1000))), int(end.timestamp() * 1000) <= now
    return Facts(
        until,
        on_air=bool(unit.bulletins.on_air(list(using))),
        pending=BulletinState.PENDING in using.values(),
        in_bulletin=bool(using),
        in_template=bool(uses.templates),
        in_library=recording.kind in KEPT_KINDS and not over,
    )
