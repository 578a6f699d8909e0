"""Each speaker's own config document: where it is, when it must be quiet, how loud it may be."""

from collections.abc import Iterable
from dataclasses import replace

from controller.locality import Atlas, atlas
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Unit
from controller.store.values import ConfigDocument
from protocol.canonical import sha256_hex
from protocol.envelope import signed_bytes
from protocol.messages import Config, Membership
from protocol.topics import CONFIG, SpeakerTopic, build
from protocol.versions import Version
from schedules.model import AreaSettings
from schedules.rails import EVERY_DAY
from schedules.units import Percent, SpeakerId, UtcMs

KEEP_MS = 3 * 86_400_000
"""How long a stay that is over is still told: until nothing that was to sound in it is on a box any more."""


def publish_config(unit: Unit, signer: Signer, speaker: SpeakerId, now: UtcMs, default_zone: str) -> Version:
    """Make the speaker's config anew; a new version goes out only if it says something new."""
    publish_configs(unit, signer, atlas(unit, default_zone), [speaker], now)
    held = unit.places.config(speaker)
    assert held is not None, "it has just been made"
    return held.version


def publish_configs(unit: Unit, signer: Signer, places: Atlas, speakers: Iterable[SpeakerId], now: UtcMs) -> int:
    """The same for many speakers; returns how many configs say something new."""
    return sum(_publish(unit, signer, places, speaker, now) for speaker in speakers)


def _publish(unit: Unit, signer: Signer, places: Atlas, speaker: SpeakerId, now: UtcMs) -> bool:
    content = _content(places, speaker, now)
    digest = sha256_hex(signed_bytes(signer.site, content))
    held = unit.places.config(speaker)
    epoch = unit.site.epoch
    if held is not None and (held.content_sha256, held.version.epoch) == (digest, epoch):
        return False
    version = Version(epoch, held.version.revision + 1 if held else 1)
    sealed = signer.plain(replace(content, version=version, issued_ms=now))
    unit.places.put_config(speaker, ConfigDocument(version, digest, sealed.payload))
    unit.outbox.dirty([build(SpeakerTopic(speaker, CONFIG))], RANK_DOCUMENT, now)
    return True


def _content(places: Atlas, speaker: SpeakerId, now: UtcMs) -> Config:
    """The config without its version and time, so that equal contents have equal bytes."""
    here = places.at(now)
    area = here.where.get(speaker)
    settings = here.settings(area) if area is not None else AreaSettings()
    loudest = settings.volume_max_percent
    return Config(
        speaker=speaker,
        version=Version(1, 1),
        issued_ms=UtcMs(0),
        memberships=_memberships(places, speaker, now),
        time_zone=here.zone(area),
        quiet_hours=settings.quiet_hours or (),
        volume_max_percent=Percent(100) if loudest is None else loudest,
        title=places.speakers[speaker].name,
        session_cap_ms=settings.session_cap or 0,
        daily_cap_ms=settings.daily_cap or 0,
        volume_hours=settings.volume_hours or (),
        weekdays=EVERY_DAY if settings.weekdays is None else tuple(sorted(set(settings.weekdays))),
    )


def _memberships(places: Atlas, speaker: SpeakerId, now: UtcMs) -> tuple[Membership, ...]:
    """Where it stands and will stand, with the areas above as they are then: at midnight a box asks nobody."""
    told: list[Membership] = []
    for stay in places.stays.get(speaker, ()):
        for begin, end in places.cut(stay.from_ms, stay.until_ms):
            tree = places.tree(begin)
            if stay.area not in tree.areas or 0 < end <= now - KEEP_MS:
                continue
            newer = Membership(stay.area, tree.ancestors(stay.area), begin, end)
            if told and _goes_on(told[-1], newer):
                newer = replace(told.pop(), until_ms=end)
            told.append(newer)
    return tuple(told)


def _goes_on(before: Membership, newer: Membership) -> bool:
    return before.until_ms == newer.from_ms and (before.area, before.ancestors) == (newer.area, newer.ancestors)
