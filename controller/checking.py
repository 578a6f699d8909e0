"""What the checks on import found in the recordings of a programme, kept with each of them."""

from collections.abc import Iterable, Mapping

from audio.parts import Programme
from audio.sources import BED
from audio.verdicts import Verdict
from controller.store.unit import Unit
from schedules.units import RecordingId


def keep(unit: Unit, programme: Programme, findings: Mapping[int, Iterable[Verdict]]) -> None:
    """`findings` by the number of the part, from 1; BED: of the music."""
    for number, found in findings.items():
        recording = recording_at(programme, number)
        if recording is not None:
            unit.recordings.set_verdict(recording, {"findings": [each.as_json() for each in found]})


def recording_at(programme: Programme, number: int) -> RecordingId | None:
    """What part `number` (from 1; BED: the music) plays, if it is recorded and kept."""
    if number == BED:
        return programme.bed.recording if programme.bed else None
    return programme.parts[number - 1].recording if 0 < number <= len(programme.parts) else None
