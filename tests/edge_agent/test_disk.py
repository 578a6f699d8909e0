"""A full disk: told, retried, and what is already on the box plays on. Also a damaged database."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.states import PlaybackState
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.mosquitto import Mosquitto
from tests.rig.site import Site, now_ms, order_of, wait_until

pytestmark = pytest.mark.system


class SmallDisk:
    """The box's data folder as a disk of 3 MiB; where mounting is not allowed, a limit on the size of its files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._protected = False
        folder.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
        self.mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0

    def fill(self, box: Box) -> None:
        if not self.mounted:
            resource.prlimit(box.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            return
        with (self._folder / "filler").open("wb") as file:
            for size in (65_536, 4_096, 512):
                self._fill_by(file.fileno(), size)

    @staticmethod
    def _fill_by(descriptor: int, size: int) -> None:
        try:
            while True:
                os.write(descriptor, bytes(size))
        except OSError:
            return

    def free(self, box: Box) -> None:
        if self.mounted:
            (self._folder / "filler").unlink()
        else:
            resource.prlimit(box.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def write_protect(self) -> None:
        """What is opened from now on cannot be written; without mounting, no file may grow (which is another error)."""
        if self.mounted:
            subprocess.run(["mount", "--bind", str(self._folder), str(self._folder)], check=True)
            self._protected = True
            subprocess.run(["mount", "-o", "remount,bind,ro", str(self._folder)], check=True)

    def release(self) -> None:
        if self._protected:
            self._protected = False
            subprocess.run(["umount", "-l", str(self._folder)], check=True)

    def spoil(self, box: Box, on: bool) -> None:
        """Every write ends in an error that is neither "full" nor "read-only"."""
        limit = 1 if on else resource.RLIM_INFINITY
        resource.prlimit(box.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def close(self) -> None:
        self.release()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self._folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "box" / "data")
    yield disk
    disk.close()


@pytest.fixture
def small_box(tmp_path: Path, site: Site, mosquitto: Mosquitto, disk: SmallDisk) -> Iterator[Box]:
    box = Box(write_config(tmp_path / "box", site, mosquitto.port, sink="null"))
    yield box
    box.kill9()


def test_full_disk_is_told_and_what_is_here_plays(site: Site, small_box: Box, disk: SmallDisk) -> None:
    site.introduce()
    clip, later = chimed(3), chimed(30)
    site.offer(clip)
    site.offer(later)
    first = order_of("b-here", clip, now_ms() + 4_000)
    site.send(first)
    small_box.start()
    site.wait_for(first, PlaybackState.READY)
    disk.fill(small_box)
    second = order_of("b-later", later, now_ms() + 600_000)
    site.send(second)
    site.command_now("c-ping", "diagnostics")

    def sounds() -> bool:
        return any(status.now_playing == "b-here" for status in site.statuses)

    wait_until(sounds, 15, "it sounds although nothing can be written")
    wait_until(lambda: _errors(site) > 0, 15, "the full disk is told soon, not with the next telemetry in 30 s")
    alarm = "disk_full" if disk.mounted else "disk_error"
    wait_until(lambda: alarm in site.statuses[-1].alarms, 60, "the alarm")
    assert site.state(second) is None  # nothing is claimed that is not on the disk
    disk.free(small_box)
    record = site.wait_final(first)
    assert record.state is PlaybackState.PLAYED
    site.wait_for(second, PlaybackState.READY, 40)
    wait_until(lambda: site.statuses[-1].alarms == (), 60, "the alarm ends")


def test_a_card_that_refuses_is_told_while_nothing_else_happens(site: Site, small_box: Box, disk: SmallDisk) -> None:
    """Nothing has to be written at first: the box finds out by itself, and what is here plays."""
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    small_box.start()
    order = order_of("b-here", clip, now_ms() + 9_000, grace_ms=60_000)
    site.send(order)
    site.wait_for(order, PlaybackState.READY)
    disk.write_protect()
    if disk.mounted:
        wait_until(lambda: site.statuses[-1].alarms == ("disk_read_only",), 60, "the alarm of a read-only disk")
    disk.spoil(small_box, True)
    wait_until(lambda: any(told.now_playing == "b-here" for told in site.statuses), 30, "it sounds all the same")
    disk.release()
    site.send(order_of("b-later", clip, now_ms() + 600_000))
    wait_until(lambda: site.statuses[-1].alarms == ("disk_error",), 60, "the alarm of a disk with errors")
    disk.spoil(small_box, False)
    assert site.wait_final(order).state is PlaybackState.PLAYED


def test_started_on_a_disk_that_refuses_it_plays_from_memory_and_goes_home(
    site: Site, small_box: Box, disk: SmallDisk
) -> None:
    if not disk.mounted:
        pytest.skip("a file system of our own may not be mounted here")
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    small_box.start()
    order, later = order_of("b-here", clip, now_ms() + 20_000), order_of("b-later", clip, now_ms() + 600_000)
    site.send(order)
    site.send(later)
    site.wait_for(order, PlaybackState.READY)
    site.wait_for(later, PlaybackState.READY)
    home = site.statuses[-1].store_id
    assert small_box.terminate() == 0
    disk.fill(small_box)
    small_box.start()
    wait_until(lambda: "disk_full" in site.statuses[-1].alarms, 20, "the alarm")
    assert site.statuses[-1].store_id not in ("", home), "its numbers are of another store"
    site.wait_for(order, PlaybackState.PLAYED, 40)
    told = len(site.story(order))
    disk.free(small_box)
    assert small_box.wait(60) == 75, "it brings home what it played, and asks to be started anew"
    small_box.start()
    wait_until(lambda: site.statuses[-1].online and site.statuses[-1].store_id == home, 20, "an ordinary life")
    assert site.statuses[-1].alarms == ()
    held = {told.broadcast: told.state for told in site.statuses[-1].broadcasts}
    assert held == {order.broadcast.id: PlaybackState.PLAYED, later.broadcast.id: PlaybackState.READY}
    assert len(site.story(order)) == told, "nothing else is told of it by the life that did not play it"
    assert small_box.terminate() == 0
    disk.write_protect()
    small_box.start()
    wait_until(lambda: "disk_read_only" in site.statuses[-1].alarms, 20, "the alarm of a read-only disk")
    assert site.statuses[-1].store_id != home
    small_box.kill9()
    small_box.start()
    told = len(site.statuses)
    wait_until(lambda: any(status.online for status in site.statuses[told:]), 20, "the next such life")
    [refuge] = _refuges(small_box)  # what a killed one left in memory is gone
    small_box.kill9()
    shutil.rmtree(refuge)


def _refuges(box: Box) -> list[Path]:
    held = [Path(link.readlink()) for link in Path(f"/proc/{box.pid}/fd").iterdir() if link.is_symlink()]
    [folder] = {path.parent for path in held if path.name == "agent.sqlite3"}
    return list(folder.parent.glob(f"{folder.name[:29]}*"))


def _errors(site: Site) -> int:
    return site.counter("disk_errors")


def test_damaged_database_is_put_aside_and_a_new_life_begins(site: Site, small_box: Box, disk: SmallDisk) -> None:
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    order = order_of("b-twice", clip, now_ms() + 600_000)
    site.send(order)
    small_box.start()
    site.wait_for(order, PlaybackState.READY)
    old = site.statuses[-1].store_id
    small_box.kill9()
    data = small_box.folder / "data"
    for path in data.glob("agent.sqlite3*"):
        path.write_bytes(b"\xff" * 8_192)
    small_box.start()
    wait_until(lambda: site.statuses[-1].store_id not in ("", old), 10, "a new store id")
    wait_until(lambda: site.counter("database_began_anew") == 1, 10, "it is told")
    wait_until(lambda: len(site.story(order)) >= 4, 15, "the same broadcast, accepted and ready once more")
    assert list(data.glob("agent.sqlite3.damaged-*"))
