"""(epoch, revision): which of two versions of a document is the newer."""

from dataclasses import dataclass

from protocol.forms import Count


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Ordered by epoch, then revision; both start at 1, (0, 0) is "never seen"."""

    epoch: Count
    revision: Count


NEVER = Version(0, 0)
