"""Controller, broker and a box are killed in turn around a broadcast: every playback is accounted for, none twice."""

import time
from collections.abc import Iterator

import pytest

from tests.rig.recording import chimes, listen
from tests.rig.station import MOSQUITTO, Rig

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

TEXT = "Thông báo của UBND xã. Ngày mai, các thôn ra quân tổng vệ sinh. Đề nghị bà con tham gia đông đủ. Trân trọng."
LEAD = 7


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("kills"), MOSQUITTO) as rig:
        yield rig


@pytest.fixture(scope="module")
def bulletin(rig: Rig) -> str:
    return str(rig.bulletin(TEXT)["id"])


def assert_heard_once(rig: Rig, broadcast: str) -> None:
    for agent in rig.agents:
        assert chimes(rig.recording(agent, broadcast)) == 1


@pytest.mark.parametrize("victim", ["controller", "broker"])
def test_killed_while_all_play_and_back_again(rig: Rig, bulletin: str, victim: str) -> None:
    broadcast = rig.soon(bulletin, LEAD)
    rig.wait_for(broadcast, lambda states: set(states) == {"playing"}, 40, "all play")
    rig.kill9(victim)
    rig.restart(victim)
    view = rig.wait_final(broadcast)
    assert [playback["state"] for playback in view["playbacks"]] == ["played"] * 3
    assert_heard_once(rig, broadcast)


def test_killed_before_the_start_and_back_after_the_end(rig: Rig, bulletin: str) -> None:
    """The speakers hold the plan: neither controller nor broker is needed at the time."""
    broadcast = rig.soon(bulletin, LEAD)
    view = rig.wait_for(broadcast, lambda states: set(states) == {"ready"}, 40, "all are ready")
    rig.kill9("controller")
    rig.kill9("broker")
    wait_past(view["start_ms"] + view["duration_ms"] + 500)
    rig.restart("broker")
    rig.restart("controller")
    view = rig.wait_final(broadcast)
    assert [playback["state"] for playback in view["playbacks"]] == ["played"] * 3
    for agent in rig.agents:
        heard = listen(rig.recording(agent, broadcast))
        assert heard.seconds == pytest.approx(view["duration_ms"] / 1000, rel=0.01)
    assert_heard_once(rig, broadcast)


def wait_past(at_ms: int) -> None:
    while time.time() * 1000 < at_ms:
        time.sleep(0.1)


def test_a_box_killed_while_it_plays_goes_on_where_it_was(rig: Rig, bulletin: str) -> None:
    broadcast = rig.soon(bulletin, LEAD)
    rig.wait_for(broadcast, lambda states: set(states) == {"playing"}, 40, "all play")
    victim = rig.agents[1].speaker
    time.sleep(3)  # well past the chime, which must not be heard again
    rig.kill9(victim)
    rig.restart(victim)
    view = rig.wait_final(broadcast)
    states = {playback["speaker"]: playback["state"] for playback in view["playbacks"]}
    assert states.pop(victim) in ("played", "interrupted")
    assert set(states.values()) == {"played"}
    assert_heard_once(rig, broadcast)


def test_a_box_killed_before_the_start_still_plays(rig: Rig, bulletin: str) -> None:
    broadcast = rig.soon(bulletin, LEAD + 3)
    rig.wait_for(broadcast, lambda states: set(states) == {"ready"}, 40, "all are ready")
    victim = rig.agents[2].speaker
    rig.kill9(victim)
    rig.restart(victim)
    view = rig.wait_final(broadcast)
    assert [playback["state"] for playback in view["playbacks"]] == ["played"] * 3
    assert_heard_once(rig, broadcast)
