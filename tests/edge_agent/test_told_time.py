"""A real box without a battery learns the time over a real broker, and plays by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.states import PlaybackState
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.mosquitto import Mosquitto
from tests.rig.site import Site, now_ms, order_of, wait_until


@pytest.fixture
def forgetful(tmp_path: Path, site: Site, mosquitto: Mosquitto) -> Iterator[Box]:
    box = Box(write_config(tmp_path / "box", site, mosquitto.port, "null", battery=False))
    yield box
    box.kill9()


def test_it_asks_believes_and_plays(site: Site, forgetful: Box) -> None:
    site.introduce()
    forgetful.start()
    wait_until(lambda: any(status.clock == "synced" for status in site.statuses), 30, "trust")
    told = next(status for status in site.statuses if status.clock == "synced")
    assert told.clock_source in ("answer", "ntp"), "the latter where the machine has a time service"
    assert abs(told.clock_system_ms) <= told.clock_error_ms, "one machine: its system clock is the site's"
    clip = chimed(3)
    site.offer(clip)
    order = order_of("b-1", clip, now_ms() + 6_000)
    site.send(order)
    record = site.wait_final(order, 40)
    assert record.state is PlaybackState.PLAYED, record
