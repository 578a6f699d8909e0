"""The sound card sink on a real sound server: it is heard, it survives the server's death."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.chime import opening_pcm
from schedules.states import PlaybackState, Reason
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.mosquitto import Mosquitto
from tests.rig.pulse import RATE, Pulse
from tests.rig.recording import find
from tests.rig.site import Site, now_ms, order_of, wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def pulse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulse]:
    server = Pulse(tmp_path_factory.mktemp("pulse"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def loud_box(tmp_path: Path, site: Site, mosquitto: Mosquitto) -> Iterator[Box]:
    box = Box(write_config(tmp_path / "box", site, mosquitto.port, sink="card"))
    yield box
    box.kill9()


def test_it_is_heard_at_the_card_and_again_after_the_sound_server_died(pulse: Pulse, loud_box: Box, site: Site) -> None:
    site.introduce()
    clip = chimed()
    site.offer(clip)
    loud_box.start(pulse.env)
    wait_until(lambda: bool(site.statuses), 20, "the box is up")  # only then does the time until the start run
    first = order_of("b-card", clip, now_ms() + 5_000)
    site.send(first)
    site.wait_for(first, PlaybackState.READY)
    pulse.capture()
    record = site.wait_final(first)
    assert record.state is PlaybackState.PLAYED
    wait_until(lambda: _seconds(pulse) > 4, 10, "a capture")
    heard = np.frombuffer(_capture(pulse), dtype="<i2").astype(np.float64) / 32768
    at, likeness = find(heard, np.frombuffer(opening_pcm(RATE), dtype="<i2").astype(np.float64) / 32768)
    assert likeness > 0.8
    if record.measured.underruns == 0:
        content = heard[at : at + 4 * RATE]
        level = 10 * np.log10(float(np.mean(content**2)))
        assert abs(level * 100 - record.measured.level_cdb) < 100
    pulse.kill()
    site.command_now("c-ping", "diagnostics")
    pulse.start()
    second = order_of("b-again", clip, now_ms() + 5_000)
    site.send(second)
    assert site.wait_final(second).state is PlaybackState.PLAYED
    assert loud_box.terminate(5) == 0


def test_a_microphone_hears_the_horn(pulse: Pulse, loud_box: Box, site: Site) -> None:
    """The monitor of the sink is the microphone: it hears all that comes out of the card."""
    text = loud_box.config.read_text()
    loud_box.config.write_text(text.replace('sink = "card"', 'sink = "card"\nmicrophone = "default"'))
    site.introduce()
    clip = chimed(6)
    site.offer(clip)
    loud_box.start(pulse.env)
    wait_until(lambda: bool(site.statuses), 20, "the box is up")
    order = order_of("b-heard", clip, now_ms() + 4_000)
    site.send(order)
    record = site.wait_final(order)
    assert record.state is PlaybackState.PLAYED
    assert record.measured.microphone == "heard"
    assert abs(record.measured.microphone_cdb) < 300


def test_a_device_that_swallows_sound_has_played_nothing(tmp_path: Path, loud_box: Box, site: Site) -> None:
    alsa = tmp_path / "asound.conf"
    alsa.write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    loud_box.start({"ALSA_CONFIG_PATH": str(alsa)})
    wait_until(lambda: bool(site.statuses), 20, "the box is up")
    order = order_of("b-swallowed", clip, now_ms() + 4_000, grace_ms=1_000, room_ms=2_000)
    site.send(order)
    record = site.wait_final(order)
    assert (record.state, record.reason) == (PlaybackState.MISSED, Reason.DEVICE)
    assert record.measured.frames == 0


def _capture(pulse: Pulse) -> bytes:
    data = pulse.captured.read_bytes()
    return data[: len(data) // 2 * 2]


def _seconds(pulse: Pulse) -> float:
    return os.path.getsize(pulse.captured) / 2 / RATE
