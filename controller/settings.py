"""The controller's settings: read once from the environment and the command line, then frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PREFIX = "LOAXA_"
DEFAULT_DATA = Path("data")


class BadSetting(Exception):
    """A setting that cannot be used; the sentence names it and says what it should be."""


def _about(words: str, *, secret: bool = False) -> dict[str, object]:
    return {"about": words, "secret": secret}


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is read from `LOAXA_<NAME>`; a secret also from the file that `LOAXA_<NAME>_FILE` names."""

    data: Path = field(
        default=DEFAULT_DATA,
        metadata=_about("Folder of everything the controller keeps: keys, recordings, clips, SQLite."),
    )
    database_url: str = field(
        default="",
        metadata=_about(
            "SQLAlchemy URL, `postgresql://…` or `sqlite:///…`; empty: SQLite in the data folder.", secret=True
        ),
    )
    site: str = field(
        default="loaxa", metadata=_about("Identifier of this site inside signed documents; fixed at the first start.")
    )
    time_zone: str = field(default="Asia/Ho_Chi_Minh", metadata=_about("Time zone of places that say none themselves."))
    http_host: str = field(default="127.0.0.1", metadata=_about("Address on which the pages and the API listen."))
    http_port: int = field(default=8080, metadata=_about("Port of the pages and the API."))
    public_url: str = field(
        default="", metadata=_about("Address under which people reach the pages; `https://…` makes cookies secure.")
    )
    trusted_proxies: str = field(
        default="",
        metadata=_about(
            "Addresses or networks, with commas, of proxies in front; whose X-Forwarded-For and -Proto are believed."
        ),
    )
    broker_url: str = field(
        default="",
        metadata=_about("`mqtt://host:port` or `mqtts://host:port` of an external broker; empty: the embedded one."),
    )
    broker_username: str = field(default="controller", metadata=_about("The controller's name at the external broker."))
    broker_password: str = field(
        default="", metadata=_about("The controller's password at the external broker.", secret=True)
    )
    broker_ca_file: str = field(
        default="", metadata=_about("PEM file of the authority that signed the external broker's certificate.")
    )
    broker_files: str = field(
        default="",
        metadata=_about("Folder in which mosquitto's `passwd` and `acl` are kept up to date; empty: nowhere."),
    )
    broker_host: str = field(default="127.0.0.1", metadata=_about("Address on which the embedded broker listens."))
    broker_port: int = field(default=1883, metadata=_about("Port of the embedded broker."))
    broker_public_url: str = field(
        default="",
        metadata=_about(
            "`mqtt://host:port` or `mqtts://host:port` by which speakers reach the broker, written into their config "
            "files; empty: the one the controller uses."
        ),
    )
    broker_public_ca_file: str = field(
        default="",
        metadata=_about("PEM file of the authority that speakers trust for it, copied beside their config files."),
    )
    oidc_issuer: str = field(
        default="",
        metadata=_about("Issuer URL of the organisation's OpenID Connect provider; empty: people sign in here only."),
    )
    oidc_client_id: str = field(default="", metadata=_about("This site's name at the provider."))
    oidc_client_secret: str = field(
        default="", metadata=_about("This site's secret at the provider; empty for a public client.", secret=True)
    )
    oidc_claim: str = field(
        default="groups",
        metadata=_about("The claim that says a person's roles; dots lead inside: `realm_access.roles`."),
    )
    oidc_roles: str = field(
        default="",
        metadata=_about("What its values give: `staff=editor@dam-ha-06895; chiefs=administrator@*` (`*`: everywhere)."),
    )
    oidc_name: str = field(
        default="Tài khoản cơ quan", metadata=_about("What the button of the sign-in page calls the provider.")
    )
    piper_voices: str = field(
        default="", metadata=_about("Folder of Piper voices, each `x.onnx` beside `x.onnx.json`; empty: none.")
    )
    voice_services: str = field(
        default="", metadata=_about("TOML file of speech services that may read texts, see `voices.md`; empty: none.")
    )
    keep_days: int = field(
        default=90,
        metadata=_about("Days until a recording or sound that nothing speaks of any more is deleted; 0: never."),
    )
    horizon_days: int = field(default=7, metadata=_about("How many days ahead broadcasts are planned and sent."))

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
