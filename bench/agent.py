"""Resident memory and processor time of a real agent on the sound card, idle and playing, beside a small player."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import paho.mqtt.publish as publish
import psutil

from bench.boxes import Site, Wanted, agents
from bench.broker import mosquitto
from bench.figures import Figure, against, alone, span
from bench.naive_player import TOPIC
from bench.sound_server import sound_server
from bench.sounds import clip, sweep
from bench.workplace import Workplace
from deploy.demo.ports import LOOPBACK
from deploy.demo.processes import Program, python, wait_until
from schedules.states import PlaybackState
from schedules.units import SpeakerId
from tests.rig.clips import TestClip

SPEAKER = SpeakerId("s-measured")
SAMPLES = 8
"""Of one second each, for every state of every program."""
_SETTLE_S = 3.0
_LEAD_MS = 4_000
_CLIP_S = 13
_PEER_IS = "a 20-line player: paho in Python, which starts ffplay for each file"


@dataclass(frozen=True, slots=True)
class Used:
    """Per second: per cent of one core, and MiB resident; a program's children are counted with it."""

    cpu: list[float]
    mib: list[float]


def run(place: Workplace) -> list[Figure]:
    """Ours first idle, then playing; then the peer the same, on the same broker and sound server."""
    with ExitStack() as stack:
        pulse = stack.enter_context(sound_server(place.folder))
        env = pulse.env if pulse else {}
        port = stack.enter_context(mosquitto(place.folder))
        sound = clip(sweep(300.0, 2500.0, _CLIP_S))
        ours = _ours(place, port, Wanted(SPEAKER, "card" if pulse else "wav", env), sound)
        if pulse:
            return _compared(ours, _peer(place, port, env, sound))
    place.say("no PulseAudio here: the agent used its WAV sink, and there is no peer")
    return _alone(ours)


def _alone(ours: dict[str, Used]) -> list[Figure]:
    figures = []
    for state, used in ours.items():
        figures += [
            alone(f"agent {state} (wav sink), resident memory", median(used.mib), "MiB", spread=span(used.mib)),
            alone(f"agent {state} (wav sink), processor", median(used.cpu), "% of a core", spread=span(used.cpu)),
        ]
    return figures


def _compared(ours: dict[str, Used], peer: dict[str, Used]) -> list[Figure]:
    figures = []
    for state in ours:
        figures += [
            against(f"agent {state}, resident memory", ours[state].mib, peer[state].mib, "MiB", peer_is=_PEER_IS),
            against(
                f"agent {state}, processor", ours[state].cpu, _some(peer[state].cpu), "% of a core", peer_is="same"
            ),
        ]
    return figures


def _some(values: list[float]) -> list[float]:
    """Something above nothing: an idle paho waits in select() and uses less than the clock can tell."""
    return [max(0.1, value) for value in values]


def _ours(place: Workplace, port: int, wanted: Wanted, sound: TestClip) -> dict[str, Used]:
    with agents(place.folder, port, [wanted]) as (site, boxes):
        site.offer(sound)
        time.sleep(_SETTLE_S)
        process = psutil.Process(boxes[SPEAKER].pid)
        place.say("agent idle")
        idle = _watch(process)
        place.say("agent playing")
        _play(site, sound)
        return {"idle": idle, "playing": _watch(process)}


def _play(site: Site, sound: TestClip) -> None:
    """Return when the agent says that it plays."""
    broadcast = site.order(SPEAKER, "b-measured", sound, time.time_ns() // 1_000_000 + _LEAD_MS)
    wait_until(lambda: site.record(SPEAKER, broadcast, PlaybackState.PLAYING) is not None, 15.0, "the agent to play")
    time.sleep(1.0)


def _peer(place: Workplace, port: int, env: dict[str, str], sound: TestClip) -> dict[str, Used]:
    file = place.folder / "sound.opus"
    file.write_bytes(sound.data)
    program = Program(
        "player", python("bench.naive_player", str(port)), place.folder / "player.log",
        {**env, "SDL_AUDIODRIVER": "pulseaudio"},
    )  # fmt: skip
    program.start()
    try:
        program.wait_for_words("listening", 10.0)
        time.sleep(1.0)
        process = psutil.Process(program.pid)
        place.say("peer idle")
        idle = _watch(process)
        place.say("peer playing")
        publish.single(TOPIC, str(file), qos=1, hostname=LOOPBACK, port=port)
        wait_until(lambda: bool(process.children()), 5.0, "ffplay to start")
        time.sleep(1.5)
        return {"idle": idle, "playing": _watch(process)}
    finally:
        program.stop()


def _watch(process: psutil.Process) -> Used:
    """SAMPLES seconds of a program and its children."""
    family = [process, *process.children(recursive=True)]
    before = _cpu_seconds(family)
    cpu, mib = [], []
    for _ in range(SAMPLES):
        begun = time.monotonic()
        time.sleep(1.0)
        now = _cpu_seconds(family)
        cpu.append((now - before) * 100 / (time.monotonic() - begun))
        mib.append(sum(each.memory_info().rss for each in family) / 2**20)
        before = now
    return Used(cpu, mib)


def _cpu_seconds(family: list[psutil.Process]) -> float:
    return sum(each.cpu_times().user + each.cpu_times().system for each in family)
