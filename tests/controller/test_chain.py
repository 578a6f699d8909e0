"""Whatever is done to the rows of an audit, the check against a head that was kept elsewhere tells."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.chain import BadHead, Damage, Head, check, head_json, read_head
from controller.store.audit import GENESIS, Entry, entry_hash
from schedules.units import UtcMs

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
TOLD = st.tuples(st.integers(0, 2**45), TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)


def chained(told: Sequence[tuple[int, str, str, str, str, str, str]]) -> list[Entry]:
    """Rows as the store writes them."""
    rows: list[Entry] = []
    for n, (at, who, source, action, subject, before, after) in enumerate(told, 1):
        previous = rows[-1].hash if rows else GENESIS
        row = Entry(n, UtcMs(at), who, source, action, subject, before, after, previous, "")
        rows.append(replace(row, hash=entry_hash(row)))
    return rows


def head_of(rows: Sequence[Entry]) -> Head:
    return Head("loaxa", rows[-1].n, rows[-1].hash, UtcMs(0))


AUDITS = st.lists(TOLD, min_size=2, max_size=8).map(chained)


@given(AUDITS)
def test_a_sound_audit_is_sound(rows: list[Entry]) -> None:
    verdict = check(rows, head_of(rows))
    assert (verdict.faults, verdict.rows, verdict.hash) == ((), len(rows), rows[-1].hash)
    assert check(rows, head_of(rows[:1])).faults == ()


@given(AUDITS, st.data())
def test_every_alteration_is_found(rows: list[Entry], data: st.DataObject) -> None:
    head, where = head_of(rows), data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(["who", "source", "action", "subject", "before", "after", "previous", "hash"]))
    changed = replace(rows[where], **{name: getattr(rows[where], name) + "x"})
    assert check([*rows[:where], changed, *rows[where + 1 :]], head).faults
    later = replace(rows[where], at=UtcMs(rows[where].at + 1))
    assert check([*rows[:where], later, *rows[where + 1 :]], head).faults


@given(AUDITS, st.data())
def test_an_alteration_hashed_again_breaks_the_chain_or_the_head(rows: list[Entry], data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(rows) - 1))
    changed = replace(rows[where], who=rows[where].who + "x")
    forged = replace(changed, hash=entry_hash(changed))
    found = check([*rows[:where], forged, *rows[where + 1 :]], head_of(rows)).faults
    last = where == len(rows) - 1
    assert found[0].damage is (Damage.REWRITTEN if last else Damage.UNCHAINED)
    assert found[0].n == (where + 1 if last else where + 2)


@given(AUDITS, st.data())
def test_rows_taken_out_are_missed(rows: list[Entry], data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(rows) - 1))
    found = check([*rows[:where], *rows[where + 1 :]], head_of(rows)).faults
    assert found[0].damage is (Damage.TRUNCATED if where == len(rows) - 1 else Damage.MISSING)


@given(AUDITS, st.data())
def test_rows_put_in_another_order_are_found(rows: list[Entry], data: st.DataObject) -> None:
    """As one who swaps their numbers: the walk goes by number."""
    one, other = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=2, max_size=2)))
    swapped = list(rows)
    swapped[one], swapped[other] = replace(rows[other], n=rows[one].n), replace(rows[one], n=rows[other].n)
    assert check(swapped).faults


@given(AUDITS, TEXTS)
def test_only_the_head_tells_of_an_audit_written_anew(rows: list[Entry], other: str) -> None:
    anew = chained([(row.at, row.who + "x" + other, *(row.source,) * 5) for row in rows])
    assert check(anew).faults == ()
    assert [fault.damage for fault in check(anew, head_of(rows)).faults] == [Damage.REWRITTEN]
    cut = rows[:-1]
    assert check(cut).faults == ()
    assert [fault.damage for fault in check(cut, head_of(rows)).faults] == [Damage.TRUNCATED]


def test_what_no_row_can_hold_is_called_altered() -> None:
    (row,) = chained([(0, "a", "", "b", "c", "", "")])
    for wrong in (replace(row, at=UtcMs(2**60)), replace(row, who=None)):  # type: ignore[arg-type]
        assert [fault.damage for fault in check([wrong]).faults] == [Damage.ALTERED]


def test_a_head_is_read_back() -> None:
    head = Head("loaxa", 3, "ab" * 32, UtcMs(5))
    assert read_head(head_json(head)) == head


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"site": "a", "n": -1, "hash": "", "at": 0}', '{"site": "a", "n": 1}', "[" * 99999],
)
def test_what_is_no_head(text: str) -> None:
    with pytest.raises(BadHead):
        read_head(text)
