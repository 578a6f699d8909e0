"""Voices that an operator adds: a folder of Piper voices, and a TOML file of speech services."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from audio.speech.piper_config import MOST_SPEAKERS, BadModel, read_config
from audio.speech.specs import PiperSpec, ServiceSpec
from audio.speech.voices import Listed, Voices

_TEXTS = ("name", "label", "language", "url", "method", "body", "answer", "field", "secret_file", "secret_header",
          "secret", "ca_file")  # fmt: skip
_NUMBERS = {"pcm_rate": (8_000, 48_000), "seconds": (1, 60), "tries": (1, 3), "most_bytes": (1_000, 64 * 1024**2)}
_ANSWERS = ("file", "pcm", "json")


class BadVoices(Exception):
    """The configuration of voices cannot be used; the sentence says where and what it should be."""


def configured_voices(piper_folder: Path | None, services_file: Path | None) -> Voices:
    """The table. BadVoices for a folder or file that cannot be read or does not say what it must."""
    more = [*_piper(piper_folder)] if piper_folder else []
    if services_file:
        more += _services(services_file)
    names = [each.name for each in more]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise BadVoices(f"two voices are called {doubled[0]}")
    return Voices(more)


def _piper(folder: Path) -> Iterator[Listed]:
    if not folder.is_dir():
        raise BadVoices(f"{folder} is no folder")
    for model in sorted(folder.glob("*.onnx")):
        try:
            yield from piper_voices(model)
        except BadModel:
            # One bad download must not keep a station from working: it stands in the table as what it is.
            yield Listed(f"piper:{model.stem}", model.stem, "vi", PiperSpec(str(model)), broken="engine-failed")


def piper_voices(model: Path) -> Iterator[Listed]:
    """A voice for the model, or for each of its first speakers; BadModel when it is none."""
    config = read_config(model)
    label = " ".join(part for part in (config.dataset or model.stem, config.quality) if part)
    path = str(model.resolve())
    if not config.speakers:
        yield Listed(f"piper:{model.stem}", label, config.language, PiperSpec(path))
    for speaker, number in list(config.speakers.items())[:MOST_SPEAKERS]:
        name = f"piper:{model.stem}/{number}"
        yield Listed(name, f"{label} – {speaker}", config.language, PiperSpec(path, number))


def _services(file: Path) -> list[Listed]:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadVoices(f"{file} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadVoices(f"{file} is not TOML: {error}") from error
    voices = told.get("voice")
    if not isinstance(voices, list) or set(told) != {"voice"}:
        raise BadVoices(f"{file}: there must be [[voice]] tables and nothing else")
    return [_service(each, f"{file}, voice {number}", file.parent) for number, each in enumerate(voices, 1)]


def _service(told: Mapping[str, Any], where: str, folder: Path) -> Listed:
    _check_kinds(told, where)
    _check_url(told, where)
    if told.get("answer", "file") not in _ANSWERS:
        raise BadVoices(f"{where}: `answer` must be one of {', '.join(_ANSWERS)}")
    if told.get("answer") == "json" and not told.get("field"):
        raise BadVoices(f"{where}: `field` must name where in the JSON the sound is")
    if told.get("answer") == "pcm" and "pcm_rate" not in told:
        raise BadVoices(f"{where}: `pcm_rate` must give the samples per second of bare PCM")
    ca_file = told.get("ca_file", "")
    spec = ServiceSpec(
        url=told["url"],
        method=told.get("method", "POST"),
        headers=dict(told.get("headers", {})) | _secret(told, where, folder),
        body=told.get("body", ""),
        answer=told.get("answer", "file"),
        field=told.get("field", ""),
        pcm_rate=told.get("pcm_rate", 0),
        attempt_seconds=told.get("seconds", 20),
        tries=told.get("tries", 2),
        most_bytes=told.get("most_bytes", 8 * 1024**2),
        ca_file=str(folder / ca_file) if ca_file else "",
    )
    return Listed(f"service:{told['name']}", told.get("label", told["name"]), told.get("language", "vi"), spec)


def _check_kinds(told: Mapping[str, Any], where: str) -> None:
    if unknown := set(told) - {*_TEXTS, *_NUMBERS, "headers"}:
        raise BadVoices(f"{where}: unknown field `{sorted(unknown)[0]}`")
    for name in _TEXTS:
        if not isinstance(told.get(name, ""), str):
            raise BadVoices(f"{where}: `{name}` must be a text")
    for name, (least, most) in _NUMBERS.items():
        value = told.get(name, least)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadVoices(f"{where}: `{name}` must be a whole number from {least} to {most}")
    headers = told.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(each, str) for each in headers.values()):
        raise BadVoices(f"{where}: `headers` must be a table of texts")
    if not told.get("name") or not all(letter.isalnum() or letter in "-_." for letter in told["name"]):
        raise BadVoices(f"{where}: `name` must be of letters, digits, - _ and .")
    if told.get("method", "POST") not in ("POST", "GET"):
        raise BadVoices(f"{where}: `method` must be POST or GET")


def _check_url(told: Mapping[str, Any], where: str) -> None:
    try:
        parts = urlsplit(told.get("url", ""))
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadVoices(f"{where}: `url` is no address ({error})") from error
    if parts.scheme not in ("http", "https") or not host or "{" in parts.netloc or parts.username:
        raise BadVoices(f"{where}: `url` must begin with http:// or https:// and a fixed host, without a password")
    if "{text}" not in parts.path + parts.query + told.get("body", ""):
        raise BadVoices(f"{where}: neither `url` nor `body` says where the {{text}} goes")


def _secret(told: Mapping[str, Any], where: str, folder: Path) -> dict[str, str]:
    """The header with the secret, which is in a file of its own so that this one may be shown to anybody."""
    if not told.get("secret_file"):
        return {}
    file = folder / told["secret_file"]
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise BadVoices(f"{where}: the secret in {file} cannot be read") from error
    if not secret or not secret.isprintable():
        raise BadVoices(f"{where}: {file} must hold the secret in one line")
    return {
        told.get("secret_header", "Authorization"): told.get("secret", "Bearer {secret}").replace("{secret}", secret)
    }
