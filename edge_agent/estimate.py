"""What UTC is, and how wrong that may be: an offset to monotonic time with a bound; and which of two to take. Pure.

Monotonic time is the one thing a box without a battery can count on while it has power; UTC is that plus an offset.
Where the offset is from (in rising order of whom we believe when two contradict each other):

battery   the operating system's clock at the start, when a battery kept it and it says later than what was seen last
ntp       the operating system's clock while the kernel says that a time service keeps it
answer    signed answers of the controller, by whose clock the whole site plays; a later one counts more than an earlier

Two that agree (their bounds overlap) are not weighed: the tighter one stays. So neither a slow round nor a stepping
system clock moves a schedule that is known better; what is out of date gives way by itself, because its bound grows.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from schedules.playhead import ClockTrust

SECOND_NS = 1_000_000_000

DRIFT_PPB = 100_000
"""A cheap crystal in the sun is off by less than 100 millionths: 26 s in 72 hours, 30 s in 83."""
WANDER_PPB = 10_000
"""Once its rate is measured, this is how far temperature and age move it from there."""
MOST_RATE_PPB = 500_000
"""What a kernel corrects at most; more is no crystal but a clock being set."""
MOST_ERROR_NS = 30 * SECOND_NS
"""Beyond this nothing plays on schedule."""
FRESH_NS = 900 * SECOND_NS
"""Three rounds may fail before what was synced is only held."""
NTP_ERROR_NS = SECOND_NS // 20
"""No time service over a mobile network is better, whatever the kernel says."""
BATTERY_ERROR_NS = SECOND_NS
"""A battery clock is read to the second."""
VOUCHED_ERROR_NS = 10 * SECOND_NS
"""For a battery clock of which only the config file says that it was set."""
BATTERY_AGREES_NS = 5 * SECOND_NS
"""The operating system's clock is the battery's when it is no further from it."""
_RATE_AFTER_NS = 600 * SECOND_NS


class Source(StrEnum):
    BATTERY = "battery"
    NTP = "ntp"
    ANSWER = "answer"


_RANK = {source: rank for rank, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Estimate:
    """UTC is monotonic time plus `offset_ns`, as of the monotonic instant `at_ns`, wrong by at most `error_ns`."""

    source: Source
    offset_ns: int
    error_ns: int
    at_ns: int
    confirmed_ns: int | None
    """The monotonic instant at which NTP or a signed answer last said so; None: not since the power came."""
    rate_ppb: int = 0
    """How fast the offset grows: what the crystal lacks."""
    drift_ppb: int = DRIFT_PPB
    """How wrong that rate may be."""

    def offset_at(self, monotonic_ns: int) -> int:
        return self.offset_ns + (monotonic_ns - self.at_ns) * self.rate_ppb // SECOND_NS

    def error_at(self, monotonic_ns: int) -> int:
        return self.error_ns + abs(monotonic_ns - self.at_ns) * self.drift_ppb // SECOND_NS


def trust_of(held: Estimate | None, monotonic_ns: int) -> ClockTrust:
    """Whether UTC by `held` can be believed at that instant."""
    if held is None or held.error_at(monotonic_ns) > MOST_ERROR_NS:
        return ClockTrust.UNKNOWN
    if held.confirmed_ns is not None and monotonic_ns - held.confirmed_ns <= FRESH_NS:
        return ClockTrust.SYNCED
    return ClockTrust.HELD


def agree(one: Estimate, other: Estimate, monotonic_ns: int) -> bool:
    """Whether both can be true at that instant."""
    apart = abs(one.offset_at(monotonic_ns) - other.offset_at(monotonic_ns))
    return apart <= one.error_at(monotonic_ns) + other.error_at(monotonic_ns)


def chosen(held: Estimate | None, offered: Estimate, monotonic_ns: int) -> Estimate:
    """Which of the two to go by from now on."""
    if held is None or trust_of(held, monotonic_ns) is ClockTrust.UNKNOWN:
        return offered
    if not agree(held, offered, monotonic_ns):
        overrules = offered.source is Source.ANSWER or _RANK[offered.source] > _RANK[held.source]
        return offered if overrules else held
    if offered.error_at(monotonic_ns) <= held.error_at(monotonic_ns):
        return offered
    return replace(held, confirmed_ns=offered.confirmed_ns)


def steadied(held: Estimate, monotonic_ns: int) -> Estimate:
    """The same from now on without its rate: whatever the kernel did to monotonic time so far, it does no more."""
    return replace(
        held,
        offset_ns=held.offset_at(monotonic_ns),
        error_ns=held.error_at(monotonic_ns),
        at_ns=monotonic_ns,
        rate_ppb=0,
        drift_ppb=DRIFT_PPB,
    )


def rated(newest: Estimate, earlier: Sequence[Estimate]) -> Estimate:
    """`newest` with the rate that it and the earliest of those before it show, if they are far enough apart."""
    if not earlier or (apart := newest.at_ns - earlier[0].at_ns) < _RATE_AFTER_NS:
        return newest
    first = earlier[0]
    rate = (newest.offset_ns - first.offset_ns) * SECOND_NS // apart
    doubt = (newest.error_ns + first.error_ns) * SECOND_NS // apart + WANDER_PPB
    if abs(rate) > MOST_RATE_PPB or doubt >= DRIFT_PPB:
        return newest
    return replace(newest, rate_ppb=rate, drift_ppb=doubt)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the box remembers of time over a restart: the estimate, in which run of the machine, and UTC then."""

    boot_id: str
    utc_ns: int
    estimate: Estimate

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> "Kept | None":
        """None for nothing and for what is not whole."""
        try:
            fields = json.loads(text)
            estimate = fields["estimate"]
            return cls(
                fields["boot_id"], fields["utc_ns"], Estimate(**{**estimate, "source": Source(estimate["source"])})
            )
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Waking:
    """What the machine says when the agent starts. `battery` is the config's word, None when it has none."""

    boot_id: str
    monotonic_ns: int
    system_ns: int
    battery_ns: int | None
    battery: bool | None


def recalled(kept: Kept | None, waking: Waking) -> Estimate | None:
    """What is known of UTC at the start, before anybody was asked.

    1. The machine was not restarted: monotonic time goes on, and so does the estimate.
    2. It has a battery clock (found by the kernel, or named in the config), from which the operating system has its
       time: that, if it is not earlier than what was seen last. The bound grows with the time between.
    3. Else nothing.
    """
    if kept is not None and kept.boot_id == waking.boot_id and kept.estimate.at_ns <= waking.monotonic_ns:
        return kept.estimate
    if not _battery_kept_it(waking):
        return None
    if kept is None:
        error = VOUCHED_ERROR_NS if waking.battery else None
    elif waking.system_ns < kept.utc_ns:
        error = None
    else:
        grown = kept.estimate.error_at(kept.utc_ns - kept.estimate.offset_ns)
        error = grown + BATTERY_ERROR_NS + (waking.system_ns - kept.utc_ns) * DRIFT_PPB // SECOND_NS
    if error is None:
        return None
    offset = waking.system_ns - waking.monotonic_ns
    return Estimate(Source.BATTERY, offset, error, waking.monotonic_ns, None)


def _battery_kept_it(waking: Waking) -> bool:
    """A battery clock without a battery begins anew; then the operating system's time is from somewhere else."""
    if waking.battery is False or (waking.battery is None and waking.battery_ns is None):
        return False
    return waking.battery_ns is None or abs(waking.battery_ns - waking.system_ns) <= BATTERY_AGREES_NS
