"""The controller's settings: read once from the environment and the command line, then frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PREFIX = "LOAXA_"


class BadSetting(Exception):
    """A setting that cannot be used; the sentence names it and says what it should be."""


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"about": about, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is read from `LOAXA_<NAME>`; a secret also from the file that `LOAXA_<NAME>_FILE` names."""

    data: Path = _setting(Path("data"), "Folder of everything the controller keeps: keys, clips, uploads, SQLite.")
    database_url: str = _setting(
        "", "SQLAlchemy URL, `postgresql://…` or `sqlite:///…`; empty: SQLite in the data folder.", secret=True
    )
    site: str = _setting("loaxa", "Identifier of this site inside signed documents; fixed at the first start.")
    time_zone: str = _setting("Asia/Ho_Chi_Minh", "Time zone of places that say none themselves.")
    http_host: str = _setting("127.0.0.1", "Address on which the pages and the API listen.")
    http_port: int = _setting(8080, "Port of the pages and the API.")
    public_url: str = _setting("", "Address under which people reach the pages; `https://…` makes cookies secure.")
    broker_url: str = _setting(
        "", "`mqtt://host:port` or `mqtts://host:port` of an external broker; empty: the embedded one."
    )
    broker_username: str = _setting("controller", "The controller's name at the external broker.")
    broker_password: str = _setting("", "The controller's password at the external broker.", secret=True)
    broker_ca_file: str = _setting("", "PEM file of the authority that signed the external broker's certificate.")
    broker_host: str = _setting("127.0.0.1", "Address on which the embedded broker listens.")
    broker_port: int = _setting(1883, "Port of the embedded broker.")
    broker_public_host: str = _setting(
        "", "Broker address written into the speakers' config files; empty: the one the controller uses."
    )
    horizon_days: int = _setting(7, "How many days ahead broadcasts are planned and sent.")

    @property
    def database(self) -> str:
        """The URL of the database in use."""
        return self.database_url or f"sqlite:///{self.data / 'controller.db'}"


def _secret_file(name: str, environment: Mapping[str, str]) -> str | None:
    path = environment.get(f"{PREFIX}{name.upper()}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{PREFIX}{name.upper()}_FILE: cannot read {path} ({error.strerror})") from error


def _converted(name: str, kind: Any, text: str) -> Any:
    if kind is Path:
        return Path(text)
    if kind is int:
        if not text.isascii() or not text.isdigit():
            raise BadSetting(f"{PREFIX}{name.upper()} must be a whole number, not {text!r}")
        return int(text)
    return text


def read_settings(environment: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings from `environment`, command-line `overrides` (None: not given) first; raises BadSetting."""
    values: dict[str, Any] = {}
    for each in fields(Settings):
        given = (overrides or {}).get(each.name)
        text = environment.get(PREFIX + each.name.upper())
        if given is not None:
            values[each.name] = given
        elif text:
            values[each.name] = _converted(each.name, each.type, text)
        elif each.metadata["secret"] and (secret := _secret_file(each.name, environment)) is not None:
            values[each.name] = secret
    return Settings(**values)
