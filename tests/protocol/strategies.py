"""Hypothesis strategies for every message, derived from the same type hints as the codec."""

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from datetime import time
from enum import Enum
from typing import Annotated, Any, NewType, get_args, get_origin

from hypothesis import strategies as st

from protocol.canonical import MAX_INTEGER, sha256_hex
from protocol.clips import make_index
from protocol.forms import BY_TYPE, Form, Span
from protocol.keys import SigningKey, key_id
from protocol.messages import (
    BroadcastOrder,
    ClipIndex,
    ClockAnswer,
    Config,
    KeyEntry,
    Keys,
    Membership,
    Plan,
    PlanEntry,
)
from protocol.readers import hints_of
from schedules.model import Broadcast, ClipRef, QuietHours
from schedules.units import ClipId, UtcMs

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def _of_form(form: Form) -> st.SearchStrategy[Any]:
    if isinstance(form, Span):
        return st.integers(form.low, form.high)
    return st.from_regex(form.pattern, fullmatch=True)


def of_hint(hint: Any) -> st.SearchStrategy[Any]:
    """Values of the type that `hint` says, forms kept."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _of_form(get_args(hint)[1])
    if isinstance(hint, NewType):
        return _of_form(BY_TYPE[hint])
    if origin is tuple:
        return st.lists(of_hint(get_args(hint)[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(TEXTS, of_hint(get_args(hint)[1]), max_size=3)
    if is_dataclass(hint):
        return st.builds(hint, **{name: of_hint(inner) for name, inner in hints_of(hint).items()})  # type: ignore[arg-type]
    if hint is time:
        return st.times().map(lambda value: value.replace(second=0, microsecond=0))
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    plain = {bool: st.booleans(), str: TEXTS, int: st.integers(-MAX_INTEGER, MAX_INTEGER)}
    return plain[hint]


def _broadcasts() -> st.SearchStrategy[Broadcast]:
    instants = st.lists(of_hint(UtcMs), min_size=3, max_size=3).map(sorted)

    def ordered(broadcast: Broadcast, at: list[UtcMs]) -> Broadcast:
        return replace(broadcast, start=at[0], latest_start=at[1], hard_end=at[2])

    clips = st.lists(of_hint(ClipRef), min_size=1, max_size=3).map(tuple)
    return st.builds(ordered, _fields(Broadcast, clips=clips), instants)


def _key_entries() -> st.SearchStrategy[tuple[KeyEntry, ...]]:
    seeds = st.lists(st.binary(min_size=32, max_size=32), max_size=3, unique=True)
    roles = st.sampled_from(["schedule", "emergency", "config", "session"])

    def entry(seed: bytes, role: str) -> KeyEntry:
        public = SigningKey.from_seed_hex(seed.hex()).public_hex
        return KeyEntry(key_id(public), role, public)

    return seeds.flatmap(lambda drawn: st.tuples(*(st.builds(entry, st.just(seed), roles) for seed in drawn)))


def _memberships() -> st.SearchStrategy[Any]:
    def dated(member: Membership, days: int) -> Membership:
        return replace(member, until_ms=UtcMs(member.from_ms + days * 86_400_000 if days else 0))

    begins = st.integers(0, 4_000_000_000_000).map(UtcMs)
    return st.lists(st.builds(dated, _fields(Membership, from_ms=begins), st.integers(0, 90)), max_size=3).map(tuple)


def _weekdays() -> st.SearchStrategy[Any]:
    return st.lists(st.integers(0, 6), unique=True).map(tuple)


def _quiet_hours() -> st.SearchStrategy[Any]:
    return st.lists(of_hint(QuietHours).filter(lambda quiet: quiet.begin != quiet.end), max_size=3).map(tuple)


def _fields(cls: type[Any], **own: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    drawn = {name: of_hint(hint) for name, hint in hints_of(cls).items() if name not in own}
    return st.builds(cls, **drawn, **own)


def messages(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Well-formed messages of one class."""
    if cls is Keys:
        return _fields(Keys, keys=_key_entries())
    if cls is Plan:
        entries = st.lists(of_hint(PlanEntry), max_size=3, unique_by=lambda entry: entry.broadcast).map(tuple)
        return _fields(Plan, day=st.dates().map(str), entries=entries)
    if cls is BroadcastOrder:
        return _fields(BroadcastOrder, broadcast=_broadcasts())
    if cls is Config:
        zones = st.sampled_from(["Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin"])
        return _fields(
            Config, time_zone=zones, memberships=_memberships(), quiet_hours=_quiet_hours(), weekdays=_weekdays()
        )
    if cls is ClockAnswer:
        instants = st.integers(0, MAX_INTEGER - 10**9)
        return st.tuples(_fields(cls, received_us=instants, sent_us=instants), st.integers(0, 10**9)).map(
            lambda drawn: replace(drawn[0], sent_us=drawn[0].received_us + drawn[1])
        )
    if cls is ClipIndex:
        return st.binary(min_size=1, max_size=50_000).map(lambda data: make_index(ClipId(sha256_hex(data)), data))
    return _fields(cls)
