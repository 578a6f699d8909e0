"""Cancel, stop and an emergency reach every speaker, with the broker that needs no installation."""

import time
from collections.abc import Iterator

import pytest

from deploy.demo.processes import wait_until
from tests.rig.station import EMBEDDED, Rig

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

TEXT = "Thông báo của UBND xã. Ngày mai, các thôn ra quân tổng vệ sinh. Đề nghị bà con tham gia đông đủ. Trân trọng."


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("orders"), EMBEDDED) as rig:
        yield rig


@pytest.fixture(scope="module")
def bulletin(rig: Rig) -> str:
    return str(rig.bulletin(TEXT)["id"])


def test_cancelled_before_the_start_nobody_plays(rig: Rig, bulletin: str) -> None:
    broadcast = rig.soon(bulletin, 12)
    rig.wait_for(broadcast, lambda states: set(states) == {"ready"}, 40, "all are ready")
    rig.api.post(f"broadcasts/{broadcast}/cancel")
    view = rig.wait_final(broadcast, 20)
    assert [playback["state"] for playback in view["playbacks"]] == ["cancelled"] * 3
    wait_until(lambda: all(one["holds_newest"] for one in rig.view(broadcast)["playbacks"]), 10, "all confirmed it")
    while time.time() * 1000 < view["start_ms"] + 1500:
        time.sleep(0.1)
    assert not any(rig.recording(agent, broadcast).exists() for agent in rig.agents)


def test_stopped_while_it_plays_all_fall_silent(rig: Rig, bulletin: str) -> None:
    broadcast = rig.soon(bulletin, 6)
    rig.wait_for(broadcast, lambda states: set(states) == {"playing"}, 40, "all play")
    rig.api.post(f"broadcasts/{broadcast}/stop")
    view = rig.wait_final(broadcast, 20)
    for playback in view["playbacks"]:
        assert (playback["state"], playback["reason"]) == ("interrupted", "stopped")
        assert 0 < playback["heard_ms"] < view["duration_ms"]


def test_an_emergency_takes_over_and_the_other_goes_on(rig: Rig, bulletin: str) -> None:
    normal = rig.soon(bulletin, 6)
    rig.wait_for(normal, lambda states: set(states) == {"playing"}, 40, "all play")
    areas = [rig.api.get("areas")[0]["id"]]
    order = {"bulletin": bulletin, "when": {"kind": "now"}, "areas": areas, "priority": 1}
    understood = rig.api.post("schedules/preview", order)
    assert understood["needs_confirmation"]
    emergency = rig.api.post("schedules", {**order, "confirmed_places": understood["places_sentence"]})["broadcasts"][0]
    rig.wait_for(emergency, lambda states: set(states) == {"playing"}, 30, "the emergency plays")
    assert set(rig.states(normal)) == {"suspended"}
    assert {one["state"] for one in rig.wait_final(emergency)["playbacks"]} == {"played"}
    view = rig.wait_final(normal)
    for playback in view["playbacks"]:
        assert playback["state"] == "played"
        assert playback["heard_ms"] == pytest.approx(view["duration_ms"], rel=0.01)
