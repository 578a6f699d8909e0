"""Where speakers are, dated: what a move or a merge makes of their memberships. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from controller.store.values import Member
from schedules.units import AreaId, SpeakerId, UtcMs

OPEN = UtcMs(0)


def moved(members: Iterable[Member], speaker: SpeakerId, area: AreaId | None, at: UtcMs) -> tuple[Member, ...]:
    """The speaker is in `area` (None: nowhere) from `at` on, whatever was planned for it later."""
    kept: list[Member] = []
    for member in members:
        if member.speaker != speaker or (member.until_ms != OPEN and member.until_ms <= at):
            kept.append(member)
        elif member.from_ms < at:
            kept.append(replace(member, until_ms=at))
    return joined([*kept, *([Member(speaker, area, at, OPEN)] if area is not None else [])])


def reassigned(members: Iterable[Member], at: UtcMs, area_of: Callable[[Member], AreaId]) -> tuple[Member, ...]:
    """From `at` on each is where `area_of` says instead, now and in what was planned for later."""
    after: list[Member] = []
    for member in members:
        area = area_of(member)
        if area == member.area or (member.until_ms != OPEN and member.until_ms <= at):
            after.append(member)
            continue
        if member.from_ms < at:
            after.append(replace(member, until_ms=at))
        after.append(replace(member, area=area, from_ms=max(at, member.from_ms)))
    return joined(after)


def joined(members: Iterable[Member]) -> tuple[Member, ...]:
    """In order by speaker and time; two that meet in the same area are one."""
    whole: list[Member] = []
    for member in sorted(members, key=lambda each: (each.speaker, each.from_ms)):
        before = whole[-1] if whole else None
        meets = before is not None and before.speaker == member.speaker and before.until_ms == member.from_ms != OPEN
        if before is not None and meets and before.area == member.area:
            whole[-1] = replace(before, until_ms=member.until_ms)
        else:
            whole.append(member)
    return tuple(whole)
