"""The audit in both databases: written in the transaction of what it tells of, and damage to its rows is found."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from controller.chain import Damage, Head, Verdict, check
from controller.store import schema
from controller.store.audit import Entry, Wanted, entry_hash
from controller.store.unit import Store, Unit
from schedules.units import UtcMs
from tests.controller.world import ADMIN, World


def fill(world: World) -> Head:
    """Ten rows of three people, a second apart; the head as exported after them."""
    for n in range(10):
        with world.store.write() as unit:
            by = replace(ADMIN, username=("lan", "Hùng", "an_100%")[n % 3])
            before, after = {"title": f"Họp thôn {n}"}, {"title": f"Họp thôn {n + 1}", "volume": n}
            world.room.record(unit, by, "bulletin.edit" if n % 2 else "schedule.end", f"bulletin:b-{n}", before, after)
        world.now = UtcMs(world.now + 1000)
    with world.store.read() as unit:
        n, digest = unit.audit.head()
        return Head("loaxa", n, digest, world.now)


def checked(world: World, head: Head | None = None) -> Verdict:
    with world.store.read() as unit:
        return check(unit.audit.walk(), head)


def found(world: World, wanted: Wanted, before: int | None = None, limit: int = 100) -> list[str]:
    with world.store.read() as unit:
        return [entry.subject for entry in unit.audit.newest(wanted, before, limit)]


def test_what_is_written_is_sound(either: World) -> None:
    head = fill(either)
    verdict = checked(either, head)
    assert (verdict.faults, verdict.n, verdict.hash) == ((), head.n, head.hash)


def _record_then_fail(world: World, unit: Unit) -> None:
    world.room.record(unit, ADMIN, "bulletin.edit", "bulletin:b", {}, {})
    raise ZeroDivisionError


def test_nothing_is_written_of_what_did_not_happen(either: World) -> None:
    before = checked(either)
    with pytest.raises(ZeroDivisionError), either.store.write() as unit:
        _record_then_fail(either, unit)
    assert checked(either) == before


CHANGES: dict[str, object] = {
    "who": "khác",
    "at_ms": 1,
    "source": "::1",
    "action": "x.y",
    "subject": "z",
    "before": "{}",
    "after": "",
}


def test_a_changed_row_is_found(either: World) -> None:
    head = fill(either)
    table, n = schema.audit, head.n - 4
    for column, value in CHANGES.items():
        with either.store.write() as unit:
            kept = unit.connection.execute(sa.select(table.c[column]).where(table.c.n == n)).scalar_one()
            unit.connection.execute(table.update().where(table.c.n == n).values({column: value}))
        assert [(fault.n, fault.damage) for fault in checked(either).faults] == [(n, Damage.ALTERED)], column
        with either.store.write() as unit:
            unit.connection.execute(table.update().where(table.c.n == n).values({column: kept}))
    assert checked(either, head).faults == ()


def test_a_deleted_row_is_found(either: World) -> None:
    head = fill(either)
    table = schema.audit
    with either.store.write() as unit:
        unit.connection.execute(table.delete().where(table.c.n == head.n - 4))
    assert {fault.damage for fault in checked(either).faults} == {Damage.MISSING, Damage.UNCHAINED}
    with either.store.write() as unit:
        unit.connection.execute(table.update().where(table.c.n > head.n - 4).values(n=table.c.n - 1))
    assert checked(either).faults, "the gap was closed by new numbers"


def test_two_rows_that_changed_places_are_found(either: World) -> None:
    head = fill(either)
    table = schema.audit
    with either.store.write() as unit:
        for old, new in ((head.n - 4, 999), (head.n - 5, head.n - 4), (999, head.n - 5)):
            unit.connection.execute(table.update().where(table.c.n == old).values(n=new))
    assert checked(either).faults


def test_a_cut_end_is_found_by_the_head_only(either: World) -> None:
    head = fill(either)
    table = schema.audit
    with either.store.write() as unit:
        unit.connection.execute(table.delete().where(table.c.n > head.n - 2))
    assert checked(either).faults == ()
    assert [(fault.n, fault.damage) for fault in checked(either, head).faults] == [(head.n - 2, Damage.TRUNCATED)]


def test_an_audit_written_anew_is_found_by_the_head_only(either: World) -> None:
    head = fill(either)
    table = schema.audit
    with either.store.write() as unit:
        rows = list(unit.audit.walk())
        previous = rows[2].previous
        for row in rows[2:]:
            forged = replace(row, who="nobody", previous=previous)
            previous = entry_hash(forged)
            values = {"who": "nobody", "previous": forged.previous, "hash": previous}
            unit.connection.execute(table.update().where(table.c.n == row.n).values(values))
    assert checked(either).faults == ()
    assert [fault.damage for fault in checked(either, head).faults] == [Damage.REWRITTEN]


def test_filters(either: World) -> None:
    began = either.now
    fill(either)
    assert found(either, Wanted(who="Hùng")) == ["bulletin:b-7", "bulletin:b-4", "bulletin:b-1"]
    assert found(either, Wanted(who="LAN")) == ["bulletin:b-9", "bulletin:b-6", "bulletin:b-3", "bulletin:b-0"]
    assert found(either, Wanted(who="0%")) == ["bulletin:b-8", "bulletin:b-5", "bulletin:b-2"]
    assert found(either, Wanted(who="%")) == found(either, Wanted(who="_"))
    assert found(either, Wanted(action="schedule"), limit=2) == ["bulletin:b-8", "bulletin:b-6"]
    assert found(either, Wanted(action="bulletin.edit", who="lan")) == ["bulletin:b-9", "bulletin:b-3"]
    assert found(either, Wanted(action="bulletin.e")) == []
    assert found(either, Wanted(subject="b-5")) == ["bulletin:b-5"]
    third = UtcMs(began + 3000)
    assert found(either, Wanted(since=third, until=UtcMs(third + 1000))) == ["bulletin:b-3"]


def test_the_newest_first_page_by_page(either: World) -> None:
    fill(either)
    with either.store.read() as unit:
        everything = unit.audit.newest(Wanted(), None, 1000)
        pages: list[Entry] = []
        while batch := unit.audit.newest(Wanted(), pages[-1].n if pages else None, 3):
            pages.extend(batch)
    assert pages == list(everything)
    assert [entry.n for entry in pages] == list(range(len(pages), 0, -1))


def test_a_hash_is_what_it_is() -> None:
    """Golden: an exported audit can be checked by other programs, and years later."""
    entry = Entry(1, UtcMs(5), "lan", "::1", "bulletin.edit", "bulletin:b", "", '{"title":"Họp"}', "0" * 64, "")
    assert entry_hash(entry) == "fb81ead0031cd6457763f5379dd0a7c7c647b69915b5d627e5b56d8107ac48ac"


def test_writers_of_two_processes_take_turns(either: World) -> None:
    """Such as the server and a command: no number is given twice and every row vouches for the one before it."""
    with either.store.read() as unit:
        other = Store(unit.connection.engine.url.render_as_string(hide_password=False))
    before, failed = checked(either).rows, list[Exception]()

    def write(store: Store, who: str) -> None:
        try:
            for _ in range(10):
                with store.write() as unit:
                    unit.audit.add(either.now, who, "", "area.rename", "area:a")
        except Exception as error:  # Told by the assertion: what a thread raises is lost.
            failed.append(error)

    stores = (either.store, other, either.store, other)
    threads = [threading.Thread(target=write, args=(store, f"p-{n}")) for n, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert not failed
    assert (checked(either).rows - before, checked(either).faults) == (40, ())
