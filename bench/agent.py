"""A real agent on the sound card beside two peers: memory, processor, start to ready, and two of them in step."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import paho.mqtt.publish as publish
import psutil

from bench import pair, snapcast
from bench.boxes import Site, Wanted, agents
from bench.broker import mosquitto
from bench.figures import Figure, against, alone, percentile, span
from bench.naive_player import TOPIC
from bench.sound_server import as_installed, sound_server
from bench.sounds import RATE, Samples, clip, sweep
from bench.workplace import Workplace
from deploy.demo.ports import LOOPBACK
from deploy.demo.processes import Program, python, wait_until
from schedules.states import PlaybackState
from schedules.units import SpeakerId
from tests.rig.box import Box, write_config
from tests.rig.clips import TestClip
from tests.rig.manager import Manager
from tests.rig.site import Signer

SPEAKER = SpeakerId("s-measured")
PAIR = (SpeakerId("s-left"), SpeakerId("s-right"))
SAMPLES = 6
"""Of one second each, for every state of every program."""
STARTS = 3
MOST_MIB = 60.0
MOST_CPU = 2.0
_SETTLE_S = 3.0
_LEAD_MS = 4_000
_CLIP_S = 11
_PAIR_LEAD_MS = 6_000
_PAIR_S = 9
_PEER_IS = "a 20-line player: paho in Python, which starts ffplay for each file"


@dataclass(frozen=True, slots=True)
class Used:
    """Per second: per cent of one core, and MiB resident; a program's children are counted with it."""

    cpu: list[float]
    mib: list[float]


def run(place: Workplace) -> list[Figure]:
    """Ours starting, idle and playing; the peers the same; then two of ours and two of snapcast's side by side."""
    with ExitStack() as stack:
        pulse = stack.enter_context(sound_server(place.folder))
        env = pulse.env if pulse else {}
        port = stack.enter_context(mosquitto(place.folder))
        sound = clip(sweep(300.0, 2500.0, _CLIP_S))
        sink = "card" if pulse else "wav"
        box_env = as_installed(place.folder, env)
        figures = [_start_to_ready(place, port, sink, box_env)]
        ours = _ours(place, port, Wanted(SPEAKER, sink, box_env), sound)
        if not pulse:
            place.say("no PulseAudio here: the agent used its WAV sink, and there is no peer")
            return figures + _alone(ours)
        figures += _compared(ours, _peer(place, port, env, sound), _PEER_IS)
        if not snapcast.is_here():
            place.say("no snapcast here: nothing to be in step with")
            return figures
        pair.make_pair(env)
        noise = np.random.default_rng(1).uniform(-0.2, 0.2, _PAIR_S * RATE)
        ours_skews = _pair_of_ours(place, port, env, noise)
        theirs, their_skews = _snapcast(place, env, noise)
        return [*figures, *_compared(ours, theirs, snapcast.IS), *_in_step(ours_skews, their_skews)]


def _start_to_ready(place: Workplace, port: int, sink: str, env: Mapping[str, str]) -> Figure:
    """As the service manager sees it, with the program's files in memory already."""
    seconds = []
    config = write_config(place.folder / "starting", Signer(speaker=SpeakerId("s-starting")), port, sink=sink)
    for _ in range(STARTS):
        manager, box = Manager(), Box(config)
        try:
            begun = time.monotonic()
            box.start({**env, **manager.env(0)})
            wait_until(lambda manager=manager: "READY=1" in manager.fields, 20.0, "the agent to be ready", every=0.005)  # type: ignore[misc]
            seconds.append(time.monotonic() - begun)
            box.terminate()
        finally:
            box.kill9()
            manager.close()
    return alone(f"agent, start to ready ({sink} sink)", median(seconds), "s", spread=span(seconds))


def _pair_of_ours(place: Workplace, port: int, env: Mapping[str, str], noise: Samples) -> list[float]:
    sound = clip(noise)
    wanted = [Wanted(each, "card", pair.on_side(env, side)) for each, side in zip(PAIR, pair.SIDES, strict=True)]
    with agents(place.folder, port, wanted) as (site, _boxes):
        place.say("two agents in step")
        site.offer(sound)
        start_ms = time.time_ns() // 1_000_000 + _PAIR_LEAD_MS
        played = [(each, site.order(each, f"b-{each}", sound, start_ms)) for each in PAIR]
        with pair.capturing(env, place.folder / "ours.raw"):
            wait_until(lambda: all(site.record(*one, PlaybackState.PLAYED) for one in played), 30.0, "both played")
    return pair.skews_ms(place.folder / "ours.raw")


def _snapcast(place: Workplace, env: Mapping[str, str], noise: Samples) -> tuple[dict[str, Used], list[float]]:
    """One client before anything is streamed is not idle: its server always streams. So both states are the same."""
    with ExitStack() as stack:
        port = stack.enter_context(snapcast.server(place.folder, noise))
        sides = [pair.on_side(env, side) for side in pair.SIDES]
        pids = [stack.enter_context(snapcast.client(place.folder, port, side["PULSE_SINK"], side)) for side in sides]
        time.sleep(_SETTLE_S)
        place.say("two of snapcast's clients in step")
        with pair.capturing(env, place.folder / "theirs.raw"):
            used = _watch(psutil.Process(pids[0]))
            time.sleep(max(0.0, _PAIR_S - SAMPLES))
    return {"playing": used}, pair.skews_ms(place.folder / "theirs.raw")


def _in_step(ours: list[float], theirs: list[float]) -> list[Figure]:
    if not ours or not theirs:
        raise RuntimeError("nothing was captured on both sides")
    return [
        against(f"two in step, {name}", [worth(ours)], [worth(theirs)], "ms", peer_is=snapcast.IS)
        for name, worth in (
            ("median", pair.typical_ms),
            ("worst second", lambda skews: percentile(list(map(abs, skews)), 1.0)),
        )
    ]


def _alone(ours: dict[str, Used]) -> list[Figure]:
    figures = []
    for state, used in ours.items():
        figures += [
            alone(f"agent {state} (wav sink), resident memory", median(used.mib), "MiB", spread=span(used.mib)),
            alone(f"agent {state} (wav sink), processor", median(used.cpu), "% of a core", spread=span(used.cpu)),
        ]
    return figures


def _compared(ours: dict[str, Used], peer: dict[str, Used], peer_is: str) -> list[Figure]:
    figures = []
    for state in peer:
        memory = against(f"agent {state}, resident memory", ours[state].mib, peer[state].mib, "MiB", peer_is=peer_is)
        cpu = _some(ours[state].cpu), _some(peer[state].cpu)
        processor = against(f"agent {state}, processor", *cpu, "% of a core", peer_is=peer_is)
        figures += [_with_aim(memory, MOST_MIB), _with_aim(processor, MOST_CPU) if state == "playing" else processor]
    return figures


def _with_aim(figure: Figure, at_most: float) -> Figure:
    return replace(figure, aim=f"≤ {at_most:g} {figure.unit}", ok=figure.ours <= at_most)


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
