"""Which topics a speaker listens to, from what it knows about itself. Pure."""

from protocol.messages import Config
from protocol.topics import (
    CLOCK_ANSWER,
    COMMANDS,
    CONFIG,
    KEYS_FILTER,
    RECEIPTS,
    AreaRoute,
    KeysTopic,
    SpeakerRoute,
    SpeakerTopic,
    broadcasts_filter,
    build,
    plans_filter,
)
from schedules.units import SpeakerId, UtcMs

_LISTS_AHEAD = 8
"""A list is asked for when one of those after it was heard; further ones are heard when it is there."""
_AHEAD_MS = 8 * 24 * 3_600_000
"""A membership that begins within the horizon of the plans already matters."""


def keys_filters(held: int) -> list[str]:
    """Key lists: all for a box that holds none, else the next few by name, for the chain only grows."""
    if held == 0:
        return [KEYS_FILTER]
    return [str(build(KeysTopic(version))) for version in range(held + 1, held + 1 + _LISTS_AHEAD)]


def own_filters(speaker: SpeakerId, keys_version: int) -> list[str]:
    """What every speaker listens to, whatever area it is in."""
    route = SpeakerRoute(speaker)
    own = [str(build(SpeakerTopic(speaker, leaf))) for leaf in (CONFIG, RECEIPTS, COMMANDS, CLOCK_ANSWER)]
    return [*keys_filters(keys_version), *own, plans_filter(route), broadcasts_filter(route)]


def area_filters(config: Config | None, now: UtcMs) -> list[str]:
    """Plans and broadcasts of the areas that the speaker is in, or will be soon, and of those above them."""
    areas = {
        area
        for member in (config.memberships if config else ())
        if member.from_ms < now + _AHEAD_MS and (member.until_ms == 0 or now < member.until_ms)
        for area in (member.area, *member.ancestors)
    }
    routes = [AreaRoute(area) for area in sorted(areas)]
    return [make(route) for route in routes for make in (plans_filter, broadcasts_filter)]
