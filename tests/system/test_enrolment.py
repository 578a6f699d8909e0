"""A bare box enrols at a real controller by HTTP, plays by a real mosquitto with TLS, is revoked and replaced."""

import re
import subprocess
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.processes import Program, python, run, wait_until
from deploy.demo.station import AGENT_RANK, Station
from tests.rig.ports import LOOPBACK, free_port, is_free
from tests.rig.shipped import ShippedMosquitto, shipped_program
from tests.rig.station import BROKER_RANK, MOSQUITTO, SHIPPED, Rig

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

TEXT = "Thông báo của UBND xã. Ngày mai, các thôn ra quân tổng vệ sinh."


class Production(Rig):
    """As docker-compose.yml has it: mosquitto by the shipped script and configuration, its files by the controller."""

    def _up(self) -> None:
        self.inside, self.outside = free_port(), free_port()
        subprocess.run([str(SHIPPED / "make-certificate.sh"), str(self.tls), LOOPBACK], check=True, capture_output=True)
        self._settings = {
            "LOAXA_BROKER_URL": f"mqtt://{LOOPBACK}:{self.inside}",
            "LOAXA_BROKER_PASSWORD": "rig",
            "LOAXA_BROKER_FILES": str(self.folder / "broker"),
            "LOAXA_BROKER_PUBLIC_URL": f"mqtts://{LOOPBACK}:{self.outside}",
            "LOAXA_BROKER_PUBLIC_CA_FILE": str(self.tls / "ca.crt"),
        }
        self.station = Station(self.folder, self.programs, print, settings=self._settings)
        self._start_tls_mosquitto()
        self.station.start_controller()
        run(python("controller", "seed", "dam-ha", "--demo", "--data", str(self.station.data)), self._settings)
        self.api = self.station.sign_in()

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    def _start_tls_mosquitto(self) -> None:
        made = ShippedMosquitto(self.folder, self.inside, self.outside)
        self.programs.start(BROKER_RANK, shipped_program(made))

    def bare_box(self, name: str) -> Program:
        """A box with nothing but the program and the controller's address."""
        folder = self.folder / name
        folder.mkdir()
        command = python(
            "edge_agent", "enrol", "--controller", self.station.address, "--config", str(folder / "agent.toml"),
            "--sink", "wav",
        )  # fmt: skip
        return self.programs.start(AGENT_RANK, Program(name, command, folder / "agent.log"))

    def code_of(self, box: Program) -> str:
        """As the technician reads it off the screen."""
        line = box.wait_for_words("claim code: ", 40)
        found = re.search(r"(\d{4}) (\d{4})", line)
        assert found is not None, line
        return "".join(found.groups())

    def waiting(self, code: str) -> str:
        [found] = [each for each in self.api.get("enrolments") if each["code"] == code]
        return str(found["enrolment"])

    def online(self) -> dict[str, bool]:
        return {one["id"]: one["online"] for one in self.api.get("speakers")}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Production]:
    with Production(tmp_path, MOSQUITTO) as rig:
        yield rig


def test_a_box_joins_plays_is_put_out_and_replaced(rig: Production) -> None:
    box = rig.bare_box("first")
    code = rig.code_of(box)
    spoken = rig.folder / "first/recordings/claim-code.wav"
    wait_until(lambda: loud_frames(spoken) > 48_000, 20, "the code is said through the sink")
    area = rig.api.get("areas")[0]["id"]
    body = {"code": code, "area": area, "name": "Cụm loa chợ"}
    speaker = str(rig.api.post(f"enrolments/{rig.waiting(code)}/accept", body)["speaker"])
    wait_until(lambda: rig.online().get(speaker, False), 60, "the box has joined", 0.2)
    assert not is_free(rig.outside)
    assert 'ca_file = "ca.crt"' in (rig.folder / "first/agent.toml").read_text()

    broadcast = rig.soon(str(rig.bulletin(TEXT)["id"]), 8)
    view = rig.wait_final(broadcast, 90)
    assert [(one["speaker"], one["state"]) for one in view["playbacks"]] == [(speaker, "played")]

    rig.api.post(f"speakers/{speaker}/revoke")
    box.wait_for_words("the broker refuses the connection", 60)
    assert not rig.online()[speaker]

    second = rig.bare_box("second")
    code = rig.code_of(second)
    rig.api.post(f"speakers/{speaker}/replace", {"enrolment": rig.waiting(code), "code": code})
    wait_until(lambda: rig.online()[speaker], 60, "the other box stands in its place", 0.2)
    assert len(rig.api.get("speakers")) == 1


def loud_frames(recording: Path) -> int:
    """How many frames of the recording are no silence."""
    try:
        with wave.open(str(recording)) as sound:
            samples = array("h", sound.readframes(sound.getnframes()))
    except (OSError, EOFError, wave.Error):
        return 0
    return sum(1 for value in samples if abs(value) > 20)
