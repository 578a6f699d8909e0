"""What the box says about itself, built from what it holds. Pure but for reading /proc."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from edge_agent.diskwatch import CLIPS_FULL
from edge_agent.store import Holding
from protocol.messages import SILENCE_CDB, BroadcastHeld, Plan, PlanHeld
from protocol.versions import Version
from schedules.model import ClipRef
from schedules.states import FINAL, PlaybackState
from schedules.units import BroadcastId

MOST_BROADCASTS = 200
RECENT_MS = 600_000
"""Final playbacks stay in the status so long, and until their hard end."""

Progress = Callable[[ClipRef], tuple[int, int]]


def broadcasts_held(
    holdings: Sequence[Holding], progress: Progress, sounding: BroadcastId | None, position_ms: int, level_cdb: int
) -> tuple[BroadcastHeld, ...]:
    """One line per broadcast; `position_ms` and `level_cdb` are those of the one `sounding`."""
    return tuple(_line(held, progress, sounding, position_ms, level_cdb) for held in holdings[:MOST_BROADCASTS])


def _line(
    held: Holding, progress: Progress, sounding: BroadcastId | None, position_ms: int, level_cdb: int
) -> BroadcastHeld:
    broadcast, playback = held.order.broadcast, held.playback
    chunks = [progress(clip) for clip in broadcast.clips]
    now = broadcast.id == sounding
    return BroadcastHeld(
        broadcast=broadcast.id,
        version=held.order.version,
        state=playback.state,
        have=sum(have for have, _ in chunks),
        total=sum(total for _, total in chunks),
        position_ms=position_ms if now else playback.position,
        level_cdb=level_cdb if now else (SILENCE_CDB if playback.state not in FINAL else playback.measured.level_cdb),
    )


def plans_held(
    plans: Iterable[Plan],
    seen: Callable[[BroadcastId], Version],
    state: Callable[[BroadcastId], PlaybackState | None],
) -> tuple[PlanHeld, ...]:
    """Per plan how many of its broadcasts are held in the promised version, how many are ready, how many missing."""
    held = []
    for plan in plans:
        have = [entry for entry in plan.entries if seen(entry.broadcast) >= entry.version]
        states = [state(entry.broadcast) for entry in have]
        ready = sum(1 for s in states if s not in (None, PlaybackState.PENDING, PlaybackState.ACCEPTED))
        held.append(PlanHeld(plan.route, plan.day, plan.version, len(have), ready, len(plan.entries) - len(have)))
    return tuple(held)


def alarms(disk: str, *, clips_full: bool, silent: bool) -> tuple[str, ...]:
    """What a technician must mend, in the words of the status."""
    said = (disk, CLIPS_FULL if clips_full else "", "no_sound" if silent else "")
    return tuple(word for word in said if word)


def resident_kib() -> int:
    """Resident memory of this process (proc(5), /proc/self/status, VmRSS); 0 where there is no /proc."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
