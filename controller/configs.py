"""Each speaker's own config document: where it is, when it must be quiet, how loud it may be."""

from dataclasses import replace

from controller.locality import Locality, locality
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Unit
from controller.store.values import ConfigDocument, Member
from protocol.canonical import sha256_hex
from protocol.envelope import signed_bytes
from protocol.messages import Config, Membership
from protocol.topics import CONFIG, SpeakerTopic, build
from protocol.versions import Version
from schedules.model import AreaSettings
from schedules.units import Percent, SpeakerId, UtcMs


def publish_config(unit: Unit, signer: Signer, speaker: SpeakerId, now: UtcMs, default_zone: str) -> Version:
    """Make the speaker's config anew; a new version goes out only if it says something new."""
    content = _content(unit, locality(unit, now, default_zone), speaker)
    digest = sha256_hex(signed_bytes(signer.site, content))
    held = unit.places.config(speaker)
    if held is not None and held.content_sha256 == digest:
        return held.version
    version = Version(unit.site.epoch, held.version.revision + 1 if held else 1)
    sealed = signer.plain(replace(content, version=version, issued_ms=now))
    unit.places.put_config(speaker, ConfigDocument(version, digest, sealed.payload))
    unit.outbox.dirty([build(SpeakerTopic(speaker, CONFIG))], RANK_DOCUMENT, now)
    return version


def _content(unit: Unit, places: Locality, speaker: SpeakerId) -> Config:
    """The config without its version and time, so that equal contents have equal bytes."""
    area = places.where.get(speaker)
    settings = places.settings(area) if area is not None else AreaSettings()
    loudest = settings.volume_max_percent
    memberships = tuple(_membership(places, m) for m in unit.places.members() if m.speaker == speaker)
    return Config(
        speaker=speaker,
        version=Version(1, 1),
        issued_ms=UtcMs(0),
        memberships=tuple(m for m in memberships if m is not None),
        time_zone=places.zone(area),
        quiet_hours=settings.quiet_hours or (),
        volume_max_percent=Percent(100) if loudest is None else loudest,
        title=places.speakers[speaker].name,
    )


def _membership(places: Locality, member: Member) -> Membership | None:
    if member.area not in places.tree.areas:
        return None
    ancestors = places.tree.ancestors(member.area)
    return Membership(member.area, ancestors, member.from_ms, member.until_ms)
