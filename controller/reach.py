"""How the broker is reached: by this controller, and by the boxes."""

from dataclasses import dataclass, replace
from pathlib import Path

from controller.link import BrokerAddress, broker_address
from controller.settings import BadSetting, Settings

ANYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # compared, not bound


@dataclass(frozen=True, slots=True)
class BoxBroker:
    """What a box is told that enrols. `host` "": where it reached the controller; `ca_pem` "": any authority."""

    host: str = ""
    port: int = 1883
    tls: bool = False
    ca_pem: str = ""


def external_broker(settings: Settings) -> BrokerAddress:
    """The broker that the settings name; raises BadSetting."""
    try:
        return broker_address(
            settings.broker_url, settings.broker_username, settings.broker_password, settings.broker_ca_file
        )
    except ValueError as error:
        raise BadSetting(f"LOAXA_BROKER_URL: {error}") from error


def speakers_broker(settings: Settings) -> BrokerAddress:
    """The broker as speakers reach it; raises BadSetting."""
    ca_file = settings.broker_public_ca_file
    if ca_file and not Path(ca_file).is_file():
        raise BadSetting(f"LOAXA_BROKER_PUBLIC_CA_FILE: there is no file {ca_file}")
    if settings.broker_public_url:
        try:
            return broker_address(settings.broker_public_url, "", "", ca_file)
        except ValueError as error:
            raise BadSetting(f"LOAXA_BROKER_PUBLIC_URL: {error}") from error
    if settings.broker_url:
        return replace(external_broker(settings), ca_file=ca_file or settings.broker_ca_file)
    return BrokerAddress(settings.broker_host, settings.broker_port, "", "")


def box_broker(settings: Settings) -> BoxBroker:
    """The same for boxes that enrol, with the authority's certificate itself; raises BadSetting."""
    found = speakers_broker(settings)
    try:
        pem = Path(found.ca_file).read_text(encoding="ascii") if found.ca_file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"the broker's authority {found.ca_file} cannot be read: {error}") from error
    return BoxBroker("" if found.host in ANYWHERE else found.host, found.port, found.tls, pem)
