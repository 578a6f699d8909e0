"""The rules of the retention: nothing that anybody speaks of is ever deleted, and the documentation says the same."""

from dataclasses import fields
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from controller.retention import DAY_MS, Facts, Keeps, keeps

FLAGS = tuple(each.name for each in fields(Facts) if each.name != "until_ms")
FACTS = st.builds(Facts, st.integers(0, 400 * DAY_MS), **{name: st.booleans() for name in FLAGS})


@given(FACTS, st.integers(0, 800 * DAY_MS), st.integers(0, 400))
def test_only_what_nobody_speaks_of_goes_and_only_when_it_is_old(facts: Facts, now: int, days: int) -> None:
    promised = any(getattr(facts, name) for name in FLAGS)
    young = days == 0 or now < facts.until_ms + days * DAY_MS
    assert (keeps(facts, now, days) is None) is (not promised and not young)


@given(FACTS, st.integers(0, 800 * DAY_MS), st.integers(1, 400))
def test_what_may_go_may_go_later_too(facts: Facts, now: int, days: int) -> None:
    if keeps(facts, now, days) is None:
        assert keeps(facts, now + DAY_MS, days) is None


def test_the_first_rule_that_holds_is_told() -> None:
    order = [Keeps.ON_AIR, Keeps.PENDING, Keeps.PLANNED, Keeps.PROVEN, Keeps.BULLETIN, Keeps.TEMPLATE, Keeps.LIBRARY]
    for number, (name, reason) in enumerate(zip(FLAGS, order, strict=True)):
        later = dict.fromkeys(FLAGS[number:], True)
        assert keeps(Facts(0, **later), 10**13, 30) is reason, name


def test_the_documentation_lists_every_rule(repository: Path) -> None:
    told = (repository / "docs" / "programmes.md").read_text(encoding="utf-8")
    assert [each for each in Keeps if f"| `{each}` |" not in told] == []
