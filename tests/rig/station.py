"""A real station for system tests: controller, broker and agents as processes that can be killed and come back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from deploy.demo.agents import Agent
from deploy.demo.api import Api
from deploy.demo.processes import Program, Programs, python, run, wait_until
from deploy.demo.station import Station
from deploy.demo.units import UNITS
from schedules.states import FINAL
from tests.rig.ports import LOOPBACK, free_port, is_free

BROKER_RANK = 0
EMBEDDED, MOSQUITTO = "embedded", "mosquitto"
SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto"
LISTEN_SECONDS = 15


@dataclass
class Rig:
    """Use as a context: everything it started is gone after. `units` are (GSO code, name) of the demo's places."""

    folder: Path
    broker: str = EMBEDDED
    units: Sequence[tuple[str, str]] = UNITS[:3]
    programs: Programs = field(default_factory=Programs)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._up()
        except BaseException:
            self.programs.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.programs.stop()

    def _up(self) -> None:
        outside = self.broker == MOSQUITTO
        port = free_port()
        settings = {
            "LOAXA_BROKER_URL": f"mqtt://{LOOPBACK}:{port}",
            "LOAXA_BROKER_PASSWORD": "rig",
        }
        self.station = Station(self.folder, self.programs, print, settings=settings if outside else {})
        if outside:
            self.station.broker_port = port
            self._write_access()
            self._start_mosquitto(port)
        self.station.start_controller()
        self.station.seed(self.units)
        if outside:
            self._write_access()
        self.api: Api = self.station.sign_in()
        self.station.start_agents()
        self.wait_online()

    def _write_access(self) -> None:
        command = python(
            "controller", "broker", "files", "--data", str(self.station.data), "--out", str(self.folder / "broker")
        )
        run(command, self.station.settings)

    def _start_mosquitto(self, port: int) -> None:
        """The shipped configuration with its inner listener only, run by the shipped script."""
        text, _, _ = (SHIPPED / "mosquitto.conf").read_text().partition("# From outside")
        text = text.replace("/broker/", f"{self.folder}/broker/").replace(
            "listener 1883", f"listener {port} {LOOPBACK}"
        )
        config = self.folder / "mosquitto.conf"
        config.write_text(text + "user root\n")
        command = (str(SHIPPED / "run.sh"), str(config), str(self.folder / "broker"))
        self.programs.start(BROKER_RANK, Program("broker", command, self.folder / "broker.log"))
        wait_until(lambda: not is_free(port), LISTEN_SECONDS, "mosquitto listens")

    @property
    def agents(self) -> tuple[Agent, ...]:
        return self.station.agents

    def program(self, name: str) -> Program:
        """`controller`, `broker`, or an agent by its speaker's id."""
        return next(program for program in self.programs if program.name == name)

    def kill9(self, name: str) -> None:
        """As a power cut would."""
        self.program(name).kill()

    def restart(self, name: str) -> None:
        """Start a killed program again and wait until it is of use."""
        program = self.program(name)
        program.start()
        if name == "controller":
            program.wait_for_words("LoaXã ready:", 60)
        elif name == "broker":
            wait_until(lambda: not is_free(self.station.broker_port), LISTEN_SECONDS, "mosquitto listens")

    def wait_online(self, expected: int | None = None) -> None:
        count = len(self.units) if expected is None else expected
        wait_until(
            lambda: sum(1 for one in self.api.get("speakers") if one["online"]) == count, 40, f"{count} online", 0.2
        )

    def bulletin(self, text: str) -> dict[str, Any]:
        """Hand in a text and wait for its sound."""
        made = self.api.post("bulletins", {"title": text[:40], "text": text})
        wait_until(lambda: self._prepared(made["id"]), 60, "the sound is ready", 0.2)
        return dict(self.api.get(f"bulletins/{made['id']}"))

    def _prepared(self, bulletin: str) -> bool:
        preparation = self.api.get(f"bulletins/{bulletin}")["preparation"]
        assert preparation["state"] != "failed", preparation
        return bool(preparation["state"] == "done")

    def schedule(self, bulletin: str, when: dict[str, Any], **order: Any) -> str:
        """Schedule to every place and return the broadcast."""
        body = {"bulletin": bulletin, "when": when, "areas": [self.api.get("areas")[0]["id"]], **order}
        return str(self.api.post("schedules", body)["broadcasts"][0])

    def soon(self, bulletin: str, seconds: int, **order: Any) -> str:
        """Schedule it to every place, so many seconds from now."""
        preview = {"bulletin": bulletin, "when": {"kind": "now"}, "areas": [self.api.get("areas")[0]["id"]]}
        zone = ZoneInfo(self.api.post("schedules/preview", preview)["time_zone"])
        start = datetime.now(zone).replace(microsecond=0) + timedelta(seconds=seconds)
        when = {"kind": "once", "day": start.date().isoformat(), "at": start.time().isoformat()}
        return self.schedule(bulletin, when, **{"rule": "from_start", **order})

    def recording(self, agent: Agent, broadcast: str) -> Path:
        return agent.recordings / f"{broadcast}.wav"

    def view(self, broadcast: str) -> dict[str, Any]:
        return dict(self.api.get(f"broadcasts/{broadcast}"))

    def states(self, broadcast: str) -> list[str]:
        return [playback["state"] for playback in self.view(broadcast)["playbacks"]]

    def wait_for(self, broadcast: str, fits: Callable[[list[str]], bool], seconds: float, what: str) -> dict[str, Any]:
        """Wait until the states of all playbacks fit; return the broadcast."""
        try:
            wait_until(lambda: fits(self.states(broadcast)), seconds, what, 0.2)
        except TimeoutError as error:
            raise AssertionError(f"{error}; states: {self.view(broadcast)['playbacks']}") from error
        return self.view(broadcast)

    def wait_final(self, broadcast: str, seconds: float = 60) -> dict[str, Any]:
        final = {state.value for state in FINAL}
        return self.wait_for(broadcast, lambda states: set(states) <= final, seconds, "every playback is final")
