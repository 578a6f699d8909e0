"""The tables of moves and of precedence drawn for the docs, so that these show what the code does."""

from collections.abc import Sequence

from schedules.actions import ClockTrust, Held, Start
from schedules.model import Broadcast, ClipRef, Priority, StartRule
from schedules.playhead import next_action
from schedules.precedence import DUE, TO_COME, Rule
from schedules.states import FINAL, MOVES, PlaybackState
from schedules.units import BroadcastId, ClipId, DurationMs, Percent, UtcMs


def state_diagram() -> str:
    """Every move of the table, in its order, ends in a newline."""
    lines = ["stateDiagram-v2", f"    [*] --> {PlaybackState.PENDING}"]
    for was, becomes in MOVES.items():
        lines += [f"    {was} --> {to}" for to in PlaybackState if to in becomes]
    lines += [f"    {state} --> [*]" for state in PlaybackState if state in FINAL]
    return "\n".join(lines) + "\n"


def precedence() -> str:
    """The rules of both tables in their order, then who yields to whom as the playhead answers; Markdown."""
    lines = ["**Of those that are due**, this one sounds:", "", *_numbered(DUE), ""]
    lines += ["**Of those to come that will take over**, this one is armed:", "", *_numbered(TO_COME), ""]
    names = [str(priority.name).lower() for priority in Priority]
    lines += [
        f"| sounds now | {' | '.join(f'then {name} is due' for name in names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for sounding in Priority:
        answers = [_takes_over(sounding, coming) for coming in Priority]
        lines.append(f"| {sounding.name.lower()} | {' | '.join(answers)} |")
    return "\n".join(lines) + "\n"


def _numbered(rules: Sequence[Rule]) -> list[str]:
    return [f"{n}. {rule.goes_first}" for n, rule in enumerate(rules, 1)]


def _takes_over(sounding: Priority, coming: Priority) -> str:
    on, due = (_held(name, each, state) for name, each, state in (
        ("on", sounding, PlaybackState.PLAYING), ("due", coming, PlaybackState.READY)
    ))  # fmt: skip
    action = next_action([on, due], UtcMs(1_000), ClockTrust.SYNCED)
    return "takes over" if isinstance(action, Start) else "waits"


def _held(name: str, priority: Priority, state: PlaybackState) -> Held:
    clip = ClipRef(ClipId("0" * 64), 1, DurationMs(60_000), "0" * 64)
    late, hard_end = UtcMs(60_000), UtcMs(200_000)
    what = Broadcast(
        BroadcastId(name), priority, UtcMs(500), late, hard_end, StartRule.FROM_START, Percent(80), (clip,)
    )
    return Held(what, state, media_ready=True)
