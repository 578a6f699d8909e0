"""A narrow line that breaks: how soon an emergency overtakes a long download, and what a broken download costs.

The line is tests/rig/faults.py, which counts what it lets through and breaks in the middle of packets.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from statistics import median

from bench.broker import mosquitto
from bench.figures import Figure, alone, span
from bench.workplace import Workplace
from deploy.demo.processes import wait_until
from schedules.model import Priority
from schedules.states import PlaybackState
from tests.rig.box import Box, write_config
from tests.rig.clips import TestClip, chimed, clip_of
from tests.rig.faults import FaultProxy, Weather
from tests.rig.site import Site, now_ms, order_of

NARROW = Weather(bytes_per_s=128_000)
LONG_BYTES = 2 * 2**20
HOUR_BYTES = 10_800_000
"""An hour at 24 kbit/s."""
ROUNDS = 3
BREAKS = 20
_WIDE = Weather(bytes_per_s=2_000_000)


def run(place: Workplace) -> list[Figure]:
    return [*_overtaking(place), *_over_the_air(place)]


@contextmanager
def _post(place: Workplace, name: str) -> Iterator[tuple[Site, FaultProxy]]:
    """A started and introduced box behind a line."""
    with ExitStack() as stack:
        folder = place.folder / name
        folder.mkdir()
        port = stack.enter_context(mosquitto(folder))
        site = Site(port)
        stack.callback(site.close)
        proxy = FaultProxy(port)
        stack.callback(proxy.close)
        site.introduce()
        box = Box(write_config(folder / "box", site, proxy.port, sink="null"))
        stack.callback(box.kill9)
        box.start()
        wait_until(lambda: site.status() is not None, 20.0, "the box to come up")
        yield site, proxy


def _noise(size: int, seed: int) -> TestClip:
    return clip_of(bytes((seed + n) % 251 for n in range(256)) * (size // 256), 3_600_000)


def _overtaking(place: Workplace) -> list[Figure]:
    """From publishing an emergency until its first frame leaves, while a download fills the line."""
    accepted, sounded = [], []
    with _post(place, "overtaking") as (site, proxy):
        clip = chimed(3)
        site.offer(clip)
        first = order_of("b-first", clip, now_ms() + 3_600_000)
        site.send(first)
        site.wait_for(first, PlaybackState.READY)
        for n in range(ROUNDS):
            place.say(f"overtaking, round {n + 1} of {ROUNDS}")
            proxy.weather = NARROW
            long = _noise(LONG_BYTES, n)
            site.offer(long)
            before = proxy.passed["down"]
            site.send(order_of(f"b-long-{n}", long, now_ms() + 3_600_000))
            _passed(proxy, before + 150_000, "the download to be under way")
            published = now_ms()
            emergency = order_of(f"b-now-{n}", clip, published, priority=Priority.EMERGENCY)
            site.send(emergency)
            playing = site.wait_for(emergency, PlaybackState.PLAYING, 30)
            accepted.append((site.wait_for(emergency, PlaybackState.ACCEPTED).at_ms - published) / 1000)
            site.wait_final(emergency)  # the next must not wait for this one
            sounded.append((playing.measured.started_us / 1000 - published) / 1000)
    return [
        alone(
            "an emergency overtakes a 2 MiB download at 128 KB/s", median(accepted), "s",
            spread=span(accepted), at_most=0.3,
        ),
        alone("the same, until its first frame leaves", median(sounded), "s", spread=span(sounded)),
    ]  # fmt: skip


def _over_the_air(place: Workplace) -> list[Figure]:
    """Everything that passes the line, both ways, from the order until the clip is ready, over the clip's size."""
    with _post(place, "air") as (site, proxy):
        proxy.weather = _WIDE
        clip = _noise(HOUR_BYTES, 0)
        site.offer(clip)
        before = dict(proxy.passed)
        order = order_of("b-hour", clip, now_ms() + 3_600_000)
        site.send(replace(order, title="Một giờ"))
        for n in range(BREAKS):
            _passed(proxy, before["down"] + HOUR_BYTES * (n + 1) // (BREAKS + 1), "the next break")
            time.sleep(0.003 * n)  # not always at the same place of a chunk
            proxy.break_now()
        site.wait_for(order, PlaybackState.READY, 60)
        down = (proxy.passed["down"] - before["down"]) / len(clip.data)
        up = (proxy.passed["up"] - before["up"]) / len(clip.data)
        spread = f"towards the box {down:.4f}, from it {up:.4f}; {proxy.breaks} breaks"
    return [
        alone("bytes over the air for an hour's clip, 20 breaks", down + up, "× the clip", spread=spread, at_most=1.02)
    ]


def _passed(proxy: FaultProxy, bytes_down: int, what: str) -> None:
    wait_until(lambda: proxy.passed["down"] >= bytes_down, 60.0, what)
