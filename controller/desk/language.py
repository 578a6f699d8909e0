"""The language a person reads in, kept with the person."""

from controller.desk.room import Room
from controller.desk.values import Person


def remember(room: Room, by: Person, chosen: str) -> None:
    """Write down what `by` chose; nothing when it is what they have."""
    if by.language == chosen:
        return
    with room.store.write() as unit:
        unit.people.set_language(by.id, chosen)
        room.record(
            unit, by, "person.language", f"person:{by.username}", {"language": by.language}, {"language": chosen}
        )
