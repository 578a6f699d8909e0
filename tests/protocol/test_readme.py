"""The human reading of the protocol says what the code does: refusals, roles, limits, example."""

import re
from pathlib import Path

from protocol import belief
from protocol.forms import MAX_ITEMS, MAX_TEXT
from protocol.judgement import Awaits, Refused
from protocol.keys import KEY_ID_DIGITS, Role
from protocol.messages import CHUNK_BYTES

README = (Path(__file__).parents[2] / "docs" / "protocol" / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_column(text: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)


def test_the_refusals_are_told_in_the_order_of_the_checks() -> None:
    assert first_column(section("Belief")) == list(Refused)
    assert all(f"`{awaited}`" in section("Belief") for awaited in Awaits)


def test_the_head_of_the_rules_tells_the_same_order() -> None:
    told = re.findall(r"^ *(?:\d+\.|-) +(\w+) ", belief.__doc__ or "", flags=re.MULTILINE)
    assert told == list(Refused)


def test_the_roles_are_told() -> None:
    assert first_column(section("Keys and roles")) == list(Role)


def test_the_limits_are_told() -> None:
    assert f"{MAX_TEXT:,} characters a text, {MAX_ITEMS:,} items a list" in section("The envelope")
    assert f"first {KEY_ID_DIGITS} hex digits" in section("Keys and roles")
    assert f"{CHUNK_BYTES // 1024} KiB chunk" in section("Audio")
