"""The config file of a box, as both sides write it: the controller for a box set up by hand, a box that enrolled."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

KEY_NAME = "agent.key"
PASSWORD_NAME = "broker.password"  # noqa: S105  # the file's name
CA_NAME = "ca.crt"


@dataclass(frozen=True, slots=True)
class BoxConfig:
    """`authority`: the file CA_NAME lies beside it. `data`: a path, relative to the file's folder or absolute."""

    site: str
    speaker: str
    root_public: str
    host: str
    port: int
    tls: bool
    authority: bool
    sink: str
    device: str = ""
    data: str = "data"
    amplifier: Mapping[str, str | bool | list[str]] = field(default_factory=dict)
    """The table of that name; none when it is empty."""

    def toml(self) -> str:
        """The file that `python -m edge_agent run --config` reads; paths in it are relative to it."""
        return f"""# This box is the speaker {self.speaker}. Keep this folder: it holds the box's own key and password.
site = {_toml(self.site)}
speaker = {_toml(self.speaker)}
data = {_toml(self.data)}

[broker]
host = {_toml(self.host)}
port = {self.port}
username = {_toml(self.speaker)}
password_file = "{PASSWORD_NAME}"
tls = {"true" if self.tls else "false"}
ca_file = "{CA_NAME if self.authority else ""}"
fingerprint = ""

[keys]
root_public = "{self.root_public}"
seed_file = "{KEY_NAME}"

[sound]
sink = {_toml(self.sink)}
device = {_toml(self.device)}
recordings = "recordings"
{self._amplifier()}"""

    def _amplifier(self) -> str:
        lines = [f"{name} = {_toml(value)}" for name, value in self.amplifier.items()]
        return "\n".join(["", "[amplifier]", *lines, ""]) if lines else ""


def _toml(value: str | bool | list[str]) -> str:
    """A TOML value: strings (basic, with JSON's escapes), true and false, arrays of strings are spelled as in JSON."""
    return json.dumps(value, ensure_ascii=False)
