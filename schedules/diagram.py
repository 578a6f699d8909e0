"""The table of moves drawn as a Mermaid state diagram, so that the docs show what the code does."""

from schedules.states import FINAL, MOVES, PlaybackState


def state_diagram() -> str:
    """Every move of the table, in its order, ends in a newline."""
    lines = ["stateDiagram-v2", f"    [*] --> {PlaybackState.PENDING}"]
    for was, becomes in MOVES.items():
        lines += [f"    {was} --> {to}" for to in PlaybackState if to in becomes]
    lines += [f"    {state} --> [*]" for state in PlaybackState if state in FINAL]
    return "\n".join(lines) + "\n"
