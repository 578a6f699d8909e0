"""The amplifier is on before the first word, off when nothing sounds, and no reason to be silent when it fails."""

from pathlib import Path

import pytest

from edge_agent import switches
from edge_agent.amplifier import Amplifier, powered, wanted
from edge_agent.settings import AmplifierSettings, BadSettings, load
from edge_agent.switches import CommandSwitch, GpioSwitch, SwitchTrouble
from schedules.model import Priority, StartRule
from schedules.states import PlaybackState
from schedules.units import UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.recording import listen
from tests.rig.site import Signer, Site, now_ms, order_of, wait_until

HOOK = """#!/bin/sh
[ -e "{folder}/broken" ] && {{ echo "no relay" >&2; exit 3; }}
echo "$1 $2 $(date +%s%N)" >> "{folder}/stamps"
"""


def hook(folder: Path) -> Path:
    """A program that stamps how it was called, and fails while a file `broken` lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "amp.sh"
    path.write_text(HOOK.format(folder=folder))
    path.chmod(0o755)
    return path


def stamps(folder: Path) -> list[tuple[str, int]]:
    """(on or off, when in UTC ns), each with the word of the config before it."""
    path = folder / "stamps"
    lines = path.read_text().splitlines() if path.exists() else []
    assert all(line.startswith("relay-1 ") for line in lines)
    return [(line.split()[1], int(line.split()[2])) for line in lines]


@pytest.mark.parametrize(
    ("ahead_ms", "idle_s", "on"),
    [
        (3_400, None, True),
        (3_600, None, False),
        (None, None, False),
        (None, 9.9, True),
        (None, 10.1, False),
        (-5, None, True),
    ],
)
def test_when_it_is_wanted(ahead_ms: int | None, idle_s: float | None, on: bool) -> None:
    now = UtcMs(1_000_000)
    settings = AmplifierSettings(command=("amp",), warm_up_s=2.0, off_after_s=10.0)
    assert wanted(settings, now, None if ahead_ms is None else UtcMs(now + ahead_ms), idle_s) is on


def test_on_in_time_off_when_idle_and_off_at_the_start_whatever_was(tmp_path: Path) -> None:
    clock = StandingClock(now_ms())
    settings = AmplifierSettings(command=(str(hook(tmp_path)), "relay-1"), warm_up_s=2.0, off_after_s=10.0)
    amplifier = Amplifier(clock, settings)
    amplifier.step()
    amplifier.expect(UtcMs(clock.utc + 60_000), busy=False)
    amplifier.step()
    assert [word for word, _ in stamps(tmp_path)] == ["off"]
    clock.pass_time(57_000)
    amplifier.step()
    assert [word for word, _ in stamps(tmp_path)] == ["off", "on"]
    assert amplifier.awake_ns() == clock.utc_ns() + 2_000_000_000
    clock.pass_time(2_000)
    assert amplifier.awake_ns() == clock.utc_ns()
    amplifier.expect(None, busy=True)
    clock.pass_time(30_000)
    amplifier.step()
    amplifier.expect(None, busy=False)
    clock.pass_time(9_900)
    amplifier.step()
    assert len(stamps(tmp_path)) == 2
    clock.pass_time(200)
    amplifier.step()
    assert [word for word, _ in stamps(tmp_path)] == ["off", "on", "off"]


def test_a_failing_hook_is_told_tried_again_and_waited_for_by_nobody(tmp_path: Path) -> None:
    told: list[str] = []
    clock = StandingClock(now_ms())
    settings = AmplifierSettings(command=(str(hook(tmp_path)), "relay-1"), warm_up_s=2.0)
    (tmp_path / "broken").touch()
    amplifier = Amplifier(clock, settings, troubled=lambda: told.append("once"))
    assert amplifier.awake_ns() == clock.utc_ns() + 2_000_000_000
    amplifier.step()
    amplifier.step()
    assert told == ["once"]
    assert "amp.sh on ended with 3: no relay" in amplifier.trouble
    assert amplifier.awake_ns() == clock.utc_ns()
    (tmp_path / "broken").unlink()
    clock.pass_time(5_100)
    amplifier.step()
    assert amplifier.trouble == ""
    assert [word for word, _ in stamps(tmp_path)] == ["on"]


def test_a_command_that_is_none_or_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SwitchTrouble, match="cannot be run"):
        CommandSwitch([str(tmp_path / "nothing")]).turn(True)
    monkeypatch.setattr(switches, "_COMMAND_S", 0.1)
    with pytest.raises(SwitchTrouble, match="did not end"):
        CommandSwitch(["sh", "-c", "sleep 5"]).turn(True)


def test_an_emergency_waits_for_a_cold_amplifier_but_not_beyond_its_latest_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = SimulatedBox(tmp_path, monkeypatch)
    box.amplifier = Amplifier(
        box.clock, AmplifierSettings(command=(str(hook(tmp_path / "hook")), "relay-1"), warm_up_s=3.0)
    )
    box.restart()
    clip = chimed(5)
    box.hold(clip)
    cold = order_of("b-cold", clip, box.utc, priority=Priority.EMERGENCY, grace_ms=20_000)
    box.give(cold)
    heard = box.play(4_000)
    silent = next(n for n, sounding in enumerate(heard) if sounding)
    assert 145 <= silent <= 160  # blocks of 20 ms
    box.play(6_000)
    assert box.state(cold) is PlaybackState.PLAYED
    hasty = order_of("b-hasty", clip, box.utc + 60_000, priority=Priority.EMERGENCY, grace_ms=1_000)
    joining = order_of("b-join", clip, box.utc + 90_000, rule=StartRule.JOIN)
    for order in (hasty, joining):
        box.clock.pass_time(order.broadcast.start - box.utc)
        box.give(order)
        box.play(8_000)
    assert box.records(hasty)[-1].measured.start_error_us in range(980_000, 1_100_000)
    assert box.records(joining)[-1].measured.start_error_us < 200_000


def test_settings(tmp_path: Path) -> None:
    config = write_config(tmp_path, Signer(), 1883)
    assert load(config).amplifier == AmplifierSettings()
    plain = config.read_text()

    def written(lines: str) -> AmplifierSettings:
        config.write_text(f"{plain}\n[amplifier]\n{lines}\n")
        return load(config).amplifier

    assert written('command = ["/bin/amp", "relay"]\nwarm_up = 1.5\noff_after = 30') == AmplifierSettings(
        command=("/bin/amp", "relay"), warm_up_s=1.5, off_after_s=30.0
    )
    assert written('gpio = "gpiochip0:17"\nactive_low = true') == AmplifierSettings(
        gpio_chip="/dev/gpiochip0", gpio_line=17, active_low=True
    )
    for bad, says in (
        ('gpio = "17"', "amplifier.gpio"),
        ('command = "amp on"', "amplifier.command"),
        ('command = ["amp"]\ngpio = "gpiochip0:1"', "only one"),
        ("warm_up = 61", "amplifier.warm_up"),
        ("volume = 1", "amplifier.volume"),
    ):
        with pytest.raises(BadSettings, match=says):
            written(bad)


def test_the_gpio_calls_are_those_of_the_kernel() -> None:
    """Sizes and places of linux/gpio.h as a C compiler tells them; no chip is needed."""
    request = switches._REQUEST.pack(17, b"who", 0x0A, 1, -1)
    assert len(request) == 592
    assert (request[0], request[256:259], request[288], request[560]) == (17, b"who", 0x0A, 1)
    assert request[588:] == b"\xff" * 4
    assert switches._VALUES.size == 16
    with pytest.raises(SwitchTrouble, match="line 3 of"):
        GpioSwitch("/dev/null", 3, active_low=False).turn(True)


def test_powered_for_a_test(tmp_path: Path) -> None:
    clock = StandingClock(now_ms())
    settings = AmplifierSettings(command=(str(hook(tmp_path)), "relay-1"), warm_up_s=2.0)
    before = clock.monotonic
    with powered(settings, clock) as trouble:
        assert trouble == ""
        assert [word for word, _ in stamps(tmp_path)] == ["on"]
        assert clock.monotonic - before >= 2_000
    assert [word for word, _ in stamps(tmp_path)] == ["on", "off"]


@pytest.mark.system
def test_a_real_box_switches_a_real_hook(site: Site, box: Box) -> None:
    folder = box.folder / "hook"
    config = box.config.read_text()
    box.config.write_text(
        f'{config}\n[amplifier]\ncommand = ["{hook(folder)}", "relay-1"]\nwarm_up = 1.0\noff_after = 1.0\n'
    )
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    box.start()
    wait_until(lambda: bool(site.statuses), 20, "the box is up")
    first = order_of("b-warm", clip, now_ms() + 6_000)
    site.send(first)
    record = site.wait_final(first)
    assert (record.state, record.detail) == (PlaybackState.PLAYED, "")
    wait_until(lambda: [word for word, _ in stamps(folder)] == ["off", "on", "off"], 10, "it is off again")
    on, off = stamps(folder)[1][1], stamps(folder)[2][1]
    assert on + 1_000_000_000 <= record.measured.started_us * 1000
    assert off >= record.measured.ended_us * 1000
    (folder / "broken").touch()
    second = order_of("b-broken", clip, now_ms() + 4_000)
    site.send(second)
    record = site.wait_final(second)
    assert record.state is PlaybackState.PLAYED
    assert "no relay" in record.detail
    wait_until((box.recordings / "b-broken.json").exists, 10, "its recording")
    assert listen(box.recordings / "b-broken.wav").likeness > 0.8
    site.command_now("c-tell", "diagnostics")
    wait_until(lambda: any(told.numbers["amplifier_failed"] for told in site.telemetry), 5, "telemetry")
    (folder / "broken").unlink()
    assert box.terminate() == 0
    wait_until(lambda: stamps(folder)[-1][0] == "off", 1, "off when it ends")
