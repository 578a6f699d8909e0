"""Damaged files of every accepted format: none makes us fall, none takes much, and none is silently fine.

`LOAXA_MUTANTS` says how many (200; `make soak` takes 2,000), `LOAXA_SEED` which.
"""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from audio.refusals import REFUSALS
from tests.audio.mutants import CHECKED, ORIGINALS, Outcome

COUNT = int(os.environ.get("LOAXA_MUTANTS", "200"))
SEED = os.environ.get("LOAXA_SEED", "2026")
_TOLD = {"damaged-in-places", "damaged-a-little", "shorter-than-said", "longer-than-said", "more-than-said", "odd-rate"}
_EDGE_MS = 60
"""What a cut in the last frame may take away unnoticed where there are checksums."""
_UNSEEN_MS = 300
"""What a lossy format without checksums may hide in a file of 1.6 s: its decoder conceals it."""
_SAME_LENGTH = ("flip", "overwrite", "zero", "lie", "head")
"""WAV has no redundancy: other samples in the same number are another sound, not a damaged one."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.audio.mutants", SEED, str(COUNT), str(tmp_path_factory.mktemp("mutants"))],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return [Outcome(**json.loads(line)) for line in told.stdout.splitlines()]


@pytest.mark.timeout(max(600, COUNT * 2))
def test_every_original_is_fine(outcomes: list[Outcome]) -> None:
    whole = [outcome for outcome in outcomes if outcome.number < 0]
    assert {outcome.original for outcome in whole} == set(ORIGINALS)
    assert [(outcome.original, outcome.refused, outcome.codes, outcome.away_ms) for outcome in whole] == [
        (outcome.original, "", [], 0) for outcome in whole
    ]


def test_none_falls_hangs_or_takes_much(outcomes: list[Outcome]) -> None:
    assert len(outcomes) == COUNT + len(ORIGINALS)
    fallen = [outcome for outcome in outcomes if outcome.refused not in ("", *REFUSALS)]
    assert fallen == []
    assert max(outcome.peak_kib for outcome in outcomes) < 150 * 1024
    assert "too-heavy" not in {outcome.refused for outcome in outcomes}


def test_both_are_met_refusals_and_verdicts(outcomes: list[Outcome]) -> None:
    met = Counter(outcome.refused or "taken" for outcome in outcomes)
    assert met["taken"] > COUNT // 5
    assert met["truncated"] > COUNT // 10
    assert met["damaged"] > COUNT // 20
    assert sum(bool(_TOLD & set(outcome.codes)) for outcome in outcomes) > COUNT // 20


def test_none_is_silently_fine(outcomes: list[Outcome]) -> None:
    assert [outcome for outcome in outcomes if _silently_fine(outcome)] == []


def _silently_fine(outcome: Outcome) -> bool:
    """Taken without a word about damage, though it does not sound as the original did."""
    if outcome.refused or _TOLD & set(outcome.codes):
        return False
    if outcome.original in CHECKED:
        return outcome.away_ms > _EDGE_MS
    if outcome.original.startswith("wav"):
        return outcome.away_ms > 0 and outcome.damage not in _SAME_LENGTH
    return outcome.away_ms > _UNSEEN_MS
