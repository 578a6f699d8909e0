"""What each engine must be told to start, as values that travel to another process as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class EspeakSpec:
    """`voice`: a name of eSpeak NG's. It runs inside the worker: small, quick, and it reads nothing foreign."""

    voice: str


@dataclass(frozen=True, slots=True)
class PiperSpec:
    """`model`: an ONNX file beside its `.onnx.json`; `speaker`: which of its speakers, -1 when it has but one."""

    model: str
    speaker: int = -1
    address_space_bytes: int = 2 * 1024**3
    """Of its process. A model of 155 MB, more than twice a usual one, asked for 73 s of sound at once, maps 1.5 GiB and
    has 930 MiB resident (measured)."""
    seconds: int = 60
    """For one answer, loading included."""

    @property
    def does(self) -> tuple[str, ...]:
        """What of a manner the engine does itself."""
        return ("rate", "pitch")


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A speech service, asked over HTTP once per utterance; what each field means is in docs/voices.md."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    answer: str = "file"
    """`file`: a sound file; `pcm`: bare s16 mono samples; `json`: a sound file in base64 in `field`."""
    field: str = ""
    pcm_rate: int = 0
    attempt_seconds: int = 20
    tries: int = 2
    most_bytes: int = 8 * 1024**2
    ca_file: str = ""
    address_space_bytes: int = 512 * 1024**2

    @property
    def seconds(self) -> int:
        """For one answer, all attempts included."""
        return self.attempt_seconds * self.tries + 5

    @property
    def does(self) -> tuple[str, ...]:
        told = self.url + self.body
        return tuple(name for name in ("rate", "pitch") if "{" + name in told)


Spec = EspeakSpec | PiperSpec | ServiceSpec
_KINDS: Final[dict[str, type[EspeakSpec] | type[PiperSpec] | type[ServiceSpec]]] = {
    "espeak": EspeakSpec,
    "piper": PiperSpec,
    "service": ServiceSpec,
}
ENGINE: Final[dict[type[Any], str]] = {kind: name for name, kind in _KINDS.items()}
"""The name of each engine, as people see it in the table of voices."""


def told(spec: Spec) -> dict[str, Any]:
    """The spec as a JSON object."""
    return {"engine": ENGINE[type(spec)], **asdict(spec)}


def heard(spec: Mapping[str, Any]) -> Spec:
    """The reverse of `told`."""
    fields = dict(spec)
    return _KINDS[fields.pop("engine")](**fields)
