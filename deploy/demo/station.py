"""Puts up a whole station as processes: the controller with its own broker, and one agent per unit."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.demo.agents import Agent, add_speakers, change, read_agent
from deploy.demo.api import Api
from deploy.demo.ports import LOOPBACK, free_port
from deploy.demo.processes import Program, Programs, python, run
from deploy.demo.report import write_whole
from deploy.demo.units import UNITS

READY_SECONDS = 60.0
READY_WORDS = "LoaXã ready:"
PASSWORD_WORDS = "one-time password"  # noqa: S105  # the words before it, not the thing
USERNAME = "admin"
CONTROLLER_RANK, AGENT_RANK = 1, 2

Say = Callable[[str], None]


class Station:
    """One controller and its agents over `folder`; use as a context, which ends every process."""

    def __init__(
        self,
        folder: Path,
        programs: Programs,
        say: Say,
        *preferred_ports: int,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`settings` are environment variables for the controller's programs, e.g. another broker."""
        self.settings = dict(settings or {})
        self.folder = folder
        self.programs = programs
        self.say = say
        self.port = free_port(*preferred_ports)
        self.broker_port = free_port()
        self.address = f"http://{LOOPBACK}:{self.port}"
        self.agents: tuple[Agent, ...] = ()

    @property
    def data(self) -> Path:
        return self.folder / "controller"

    def start_controller(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.say("starting the controller")
        command = python(
            "controller", "serve", "--data", str(self.data), "--port", str(self.port),
            "--broker-port", str(self.broker_port),
        )  # fmt: skip
        program = Program("controller", command, self.folder / "controller.log", self.settings)
        self.controller = self.programs.start(CONTROLLER_RANK, program)
        self.controller.wait_for_words(READY_WORDS, READY_SECONDS)

    def one_time_password(self) -> str:
        """What the controller printed at its very first start."""
        line = self.controller.wait_for_words(PASSWORD_WORDS, 5)
        match = re.search(r"(\S+)\s*$", line)
        return match.group(1) if match else ""

    def seed(self, units: Sequence[tuple[str, str]] = UNITS) -> None:
        """Lay out the places and register one speaker in each of `units`."""
        self.say("laying out the nine units of Đầm Hà")
        run(python("controller", "seed", "dam-ha", "--demo", "--data", str(self.data)), self.settings)
        self.say(f"registering {len(units)} speakers")
        common = ("--data", str(self.data), "--broker-port", str(self.broker_port))
        self.agents = add_speakers(common, units, self.folder / "speakers", self.settings)

    def reuse_agents(self) -> None:
        """Take the speakers of an earlier run, which must now find the broker where it is today."""
        folders = sorted(path for path in (self.folder / "speakers").iterdir() if path.is_dir())
        self.agents = tuple(read_agent(folder) for folder in folders)
        for agent in self.agents:
            change(agent.config, port=self.broker_port)

    def start_agents(self) -> None:
        self.say(f"starting {len(self.agents)} speakers")
        for agent in self.agents:
            command = python("edge_agent", "run", "--config", str(agent.config))
            self.programs.start(AGENT_RANK, Program(agent.speaker, command, agent.config.parent / "agent.log"))

    def sign_in(self) -> Api:
        """Sign in with the one-time password and change it; the new one lies beside the data."""
        api = Api(self.address)
        first, chosen = self.one_time_password(), secrets.token_urlsafe(18)
        if api.sign_in(USERNAME, first):
            api.change_password(first, chosen)
            write_whole(self.folder / "password", chosen + "\n")
        return api
