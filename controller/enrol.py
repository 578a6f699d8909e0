"""Add a speaker: its key pair, its broker account, its place, and the config file for its box."""

from dataclasses import dataclass
from pathlib import Path

from controller.acts import record_command
from controller.broker.acl import SPEAKER
from controller.broker.passwords import hash_password, new_password
from controller.configs import publish_config
from controller.ids import new_id
from controller.keys import write_private
from controller.link import BrokerAddress
from controller.locality import locality
from controller.records import addressed_by
from controller.signing import Signer
from controller.store.unit import Store
from controller.store.values import Member, Speaker
from protocol.box_config import CA_NAME, KEY_NAME, PASSWORD_NAME, BoxConfig
from protocol.keys import SigningKey
from schedules.model import Area
from schedules.units import SpeakerId, UtcMs

CONFIG_NAME = "agent.toml"


class FolderTaken(Exception):
    """The folder holds the files of a box already; its key exists nowhere else."""


class NoSuchArea(Exception):
    """No area of today has this id, code or name, or more than one has."""


@dataclass(frozen=True, slots=True)
class NewSpeaker:
    """`area` is an id, a GSO code, or a full name as people say it."""

    area: str
    name: str
    sink: str = "wav"


def add_speaker(
    store: Store, signer: Signer, new: NewSpeaker, broker: BrokerAddress, out: Path, now: UtcMs, zone: str
) -> SpeakerId:
    """Write the box's files into `out`, then make the speaker known; raises NoSuchArea before anything is written."""
    key, password, speaker = SigningKey.generate(), new_password(), SpeakerId(new_id("s"))
    with store.read() as unit:
        area = _find(list(locality(unit, now, zone).tree.areas.values()), new.area)
    _write_files(out, speaker, key, password, broker, signer, new.sink)
    with store.write() as unit:
        unit.places.add_speaker(Speaker(speaker, new.name, key.public_hex), now, "command line")
        unit.places.add_member(Member(speaker, area.id, UtcMs(0), UtcMs(0)))
        for planned in unit.broadcasts.live(now):
            if (
                not planned.cancelled
                and now < planned.broadcast.latest_start
                and speaker in addressed_by(unit, planned)
            ):
                unit.playbacks.plan(planned.id, [speaker])
        unit.places.put_broker_user(speaker, SPEAKER, hash_password(password))
        publish_config(unit, signer, speaker, now, zone)
        record_command(unit, now, "speaker.add", f"speaker:{speaker}", {"name": new.name, "area": area.id})
        unit.changed("speakers")
    return speaker


def _find(areas: list[Area], wanted: str) -> Area:
    for found in (
        [area for area in areas if area.id == wanted],
        [area for area in areas if area.code and area.code == wanted],
        [area for area in areas if area.full_name.casefold() == wanted.casefold()],
    ):
        if len(found) == 1:
            return found[0]
    known = ", ".join(f"{area.code or area.id} ({area.full_name})" for area in areas)
    raise NoSuchArea(f"no single area is called {wanted!r}; known: {known or 'none'}")


def _write_files(
    out: Path, speaker: SpeakerId, key: SigningKey, password: str, broker: BrokerAddress, signer: Signer, sink: str
) -> None:
    if (out / KEY_NAME).exists():
        raise FolderTaken(f"{out} holds the files of another speaker; name a folder of its own")
    out.mkdir(parents=True, exist_ok=True)
    if broker.ca_file:
        write_private(out / CA_NAME, Path(broker.ca_file).read_text(encoding="ascii"))
    write_private(out / KEY_NAME, key.seed_hex + "\n")
    write_private(out / PASSWORD_NAME, password + "\n")
    config = BoxConfig(
        signer.site, speaker, signer.root_public, broker.host, broker.port, broker.tls, bool(broker.ca_file), sink
    )
    write_private(out / CONFIG_NAME, config.toml())
