"""Taking recordings in: the bytes once into their store, and who handed them in, for which place."""

from pathlib import Path

from controller.desk.composing import check_characters
from controller.desk.refusal import Refusal
from controller.desk.room import Room
from controller.desk.sight import home_of
from controller.desk.values import Person
from controller.language import n_
from controller.store.values import Recording, RecordingKind
from schedules.units import AreaId, DurationMs, RecordingId

MAX_NAME = 200


def take(
    room: Room,
    path: Path,
    filename: str,
    by: Person,
    *,
    title: str = "",
    kind: RecordingKind = RecordingKind.RECORDING,
    language: str = "",
    area: AreaId | None = None,
) -> RecordingId:
    """Move the whole file `path` into the keeping of the station, whatever is in it, and say its name.

    `area`: for which place; None: the first of theirs. Bytes that are known already are kept once, and what is known
    of them stays. Refusal `empty-file`; whoever is not allowed there: `forbidden`. The file stays then.
    """
    check_characters(title, "title")
    if not path.is_file() or (size := path.stat().st_size) == 0:
        raise Refusal("empty-file", n_("Tệp tải lên không có dữ liệu. Hãy chọn lại tệp âm thanh."), field="file")
    with room.store.read() as unit:
        home = home_of(by, room.places(unit), area)
    name = shown_name(filename)
    with room.recordings.lock:
        taken, now = room.recordings.take(path), room.now()
        with room.store.write() as unit:
            if unit.recordings.get(taken) is None:
                called = title.strip() or Path(name).stem
                made = Recording(
                    taken, size, DurationMs(0), name, called, kind, home, (), language, None, None, now, by.username
                )
                unit.recordings.put(made)
            if unit.recordings.hold(taken, home, by.username, now):
                told = {"filename": name, "kind": kind.value, "area": home or "", "bytes": size}
                room.record(unit, by, "recording.take", f"recording:{taken}", None, told)
                unit.changed("recordings")
    return taken


def shown_name(filename: str) -> str:
    """What the person called the file, without folders or what no database keeps."""
    plain = "".join(letter for letter in filename.replace("\\", "/") if letter.isprintable())
    return Path(plain).name[:MAX_NAME]
