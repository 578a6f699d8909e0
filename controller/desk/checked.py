"""What the checks on import found in the recordings of a bulletin, in words."""

import logging
from collections.abc import Mapping

from audio.sources import BED
from audio.verdicts import Verdict, from_json
from controller.checking import recording_at
from controller.desk.values import Check, Finding
from controller.language import _, language
from controller.store.unit import Unit
from schedules.units import BulletinId

log = logging.getLogger(__name__)


def checks(unit: Unit, bulletin: BulletinId) -> tuple[Check, ...]:
    """Of each recorded part that was checked, in the order of the parts, and of the music."""
    programme = unit.parts.of(bulletin)
    known = unit.recordings.many(programme.recordings)
    made = []
    for number in (*range(1, len(programme.parts) + 1), BED):
        recording = recording_at(programme, number)
        found = known.get(recording) if recording else None
        if found is not None and found.verdict is not None:
            made.append(Check(number, found.title or found.filename, findings(found.verdict)))
    return tuple(made)


def findings(verdict: Mapping[str, object]) -> tuple[Finding, ...]:
    """What was kept of a recording in the words of the answer's language; a code of another version is left out."""
    told = []
    kept = verdict.get("findings", [])
    for each in kept if isinstance(kept, list) else []:
        try:
            found = from_json(each)
            told.append(_finding(found))
        except (KeyError, TypeError, ValueError):
            log.warning("a finding that nobody has words for: %r", each)
    return tuple(told)


def _finding(found: Verdict) -> Finding:
    comma = "," if language() == "vi" else "."
    return Finding(
        found.code, found.severity.value, found.sentence(_, comma), found.what_to_do(_), dict(found.measured)
    )
