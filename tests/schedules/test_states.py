"""The table of moves, its drawing in the docs, and what the box may import."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.voice import FADE_NS
from schedules.diagram import precedence, state_diagram
from schedules.states import ACCOUNTED, BEGUN, FINAL, MOVES, IllegalMove, PlaybackState, move

DOCS = Path(__file__).parents[2] / "docs" / "schedules.md"
BOX = ["actions", "model", "playhead", "quiet", "rails", "rules", "states", "timeline", "units", "wall"]


def test_the_docs_draw_the_table_as_it_is() -> None:
    assert f"```mermaid\n{state_diagram()}```\n" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("was", PlaybackState)
def test_every_move_is_in_the_table_or_raises(was: PlaybackState) -> None:
    for to in PlaybackState:
        if to in MOVES[was]:
            assert move(was, to) is to
        else:
            with pytest.raises(IllegalMove) as refused:
                move(was, to)
            assert (refused.value.was, refused.value.to) == (was, to)


def test_final_states_are_final_and_everything_can_become_accounted_for() -> None:
    assert set(MOVES) == set(PlaybackState)
    final = ["played", "interrupted", "missed", "failed", "refused", "cancelled"]
    assert {state for state in PlaybackState if state.value in final} == FINAL
    for state in PlaybackState:
        assert state in FINAL or MOVES[state] & FINAL
        assert state in ACCOUNTED or PlaybackState.UNREPORTED in MOVES[state]


def test_what_has_begun_is_never_missed_or_cancelled_and_nothing_begun_is_ready_again() -> None:
    never = {PlaybackState.MISSED, PlaybackState.CANCELLED, PlaybackState.REFUSED, PlaybackState.READY}
    assert all(not MOVES[state] & never for state in BEGUN)


def test_what_the_box_uses_needs_only_the_standard_library() -> None:
    code = f"""import sys
before = set(sys.modules)
for name in {BOX}: __import__("schedules." + name)
files = [getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before]
print([file for file in files if "site-packages" in file])"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_docs_show_the_precedence() -> None:
    assert precedence() in DOCS.read_text("utf-8")


def test_a_take_over_fades_within_two_tenths_of_a_second() -> None:
    assert 0 < FADE_NS <= 200_000_000
