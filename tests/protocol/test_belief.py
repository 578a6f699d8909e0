"""Belief: each rule by itself, the order of the rules, and hostile documents with the name of each refusal."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest

from protocol import belief
from protocol.belief import addressed, judge, judge_record, may_play
from protocol.canonical import canonical, sha256_hex
from protocol.envelope import MAX_DOCUMENT_BYTES, signed_bytes
from protocol.judgement import Awaits, Believed, Deferred, Disbelieved, Judgement, Refused, Trust
from protocol.keys import Role, SigningKey
from protocol.messages import BroadcastOrder, Config, KeyEntry, Membership, PlaybackRecord, Signed
from protocol.versions import NEVER, Version
from schedules.model import Priority, StartRule
from schedules.playhead import ClockTrust
from schedules.rails import Stretch
from schedules.units import AreaId, BroadcastId, DurationMs, Percent, SpeakerId, UtcMs
from tests.protocol.examples import (
    ANSWER,
    AREA,
    BROADCAST,
    COMMAND,
    CONFIG,
    DISTRICT,
    EMERGENCY,
    KEY_LIST,
    KEYS,
    NOW,
    ORDER,
    PLAN,
    RECEIPT,
    RECORD,
    SITE,
    SPEAKER,
    START,
    STRANGER,
    TRUST,
    sealed,
    topic_of,
    utc_ms,
)

HEARD: tuple[Signed, ...] = (KEY_LIST, PLAN, ORDER, EMERGENCY, CONFIG, COMMAND, RECEIPT)
OTHER = SpeakerId("s-other")
STRANGE_AREA = AreaId("a-tan-binh")
HOUR = 3_600_000


def hear(
    message: Signed,
    *signers: SigningKey,
    topic: str = "",
    trust: Trust = TRUST,
    now: UtcMs = NOW,
    clock: ClockTrust = ClockTrust.SYNCED,
    site: str = SITE,
) -> Judgement:
    return judge(topic or topic_of(message), sealed(message, *signers, site=site), trust, now, clock)


def at_local(order: BroadcastOrder, hour: int, minute: int = 0) -> BroadcastOrder:
    """`order` moved to a time of 23 November 2026 in Đầm Hà (UTC+7)."""
    start = UtcMs(utc_ms(2026, 11, 22, 17) + (hour * 60 + minute) * 60_000)
    moved = replace(order.broadcast, start=start, latest_start=UtcMs(start + 60_000), hard_end=UtcMs(start + 900_000))
    return replace(order, broadcast=moved, expires_ms=UtcMs(start + 24 * HOUR))


def louder(order: BroadcastOrder, volume: int) -> BroadcastOrder:
    return replace(order, broadcast=replace(order.broadcast, volume=Percent(volume)))


def on_saturday(order: BroadcastOrder) -> BroadcastOrder:
    return at_local(order, 5 * 24 + 17)


def lasting(order: BroadcastOrder, minutes: int) -> BroadcastOrder:
    """`order` of one clip so long, from 17:00."""
    order = at_local(order, 17)
    clip = replace(order.broadcast.clips[0], duration=DurationMs(minutes * 60_000))
    hard_end = UtcMs(order.broadcast.start + 24 * HOUR)
    return replace(order, broadcast=replace(order.broadcast, clips=(clip,), hard_end=hard_end))


TIGHT = replace(TRUST, config=replace(CONFIG, daily_cap_ms=19 * 60_000))


# What is true is believed


@pytest.mark.parametrize("message", HEARD, ids=lambda message: belief.identity_of(message))
def test_a_true_document_is_believed(message: Signed) -> None:
    assert hear(message) == Believed(
        message, belief.identity_of(message), belief.version_of(message), sha256_hex(signed_bytes(SITE, message))
    )


def test_a_plan_s_entry_is_the_hash_that_belief_gives() -> None:
    judged = hear(ORDER)
    assert isinstance(judged, Believed)
    assert judged.signed_sha256 == PLAN.entries[0].sha256


def test_the_first_key_list_is_believed_by_the_pinned_root_alone() -> None:
    assert isinstance(hear(KEY_LIST, trust=replace(TRUST, keys=None, config=None)), Believed)


def test_no_list_gives_the_root_key_another_role() -> None:
    root = KeyEntry(KEYS[Role.ROOT].key_id, Role.SCHEDULE, KEYS[Role.ROOT].public_hex)
    judged = hear(ORDER, KEYS[Role.ROOT], trust=replace(TRUST, keys=replace(KEY_LIST, keys=(*KEY_LIST.keys, root))))
    assert isinstance(judged, Disbelieved)
    assert judged.name is Refused.KEY


def test_one_good_signature_among_strange_ones_is_enough() -> None:
    assert isinstance(hear(ORDER, STRANGER, KEYS[Role.SCHEDULE]), Believed)


def test_identities_keep_documents_apart() -> None:
    names = [belief.identity_of(message) for message in (*HEARD[:3], *HEARD[4:], RECORD)]
    assert names == [
        "keys",
        "plan:areas/a-dam-ha:2026-11-22",
        "broadcast:b-0001",
        "config",
        "command:c-0001",
        "receipt:st-0001",
        "playback:s-quang-an-3:st-0001:42",
    ]


# Hostile documents


@dataclass(frozen=True)
class Hostile:
    story: str
    name: Refused
    hear: Callable[[], Judgement]


def _raw(payload: bytes, topic: str = "") -> Judgement:
    return judge(topic or topic_of(ORDER), payload, TRUST, NOW, ClockTrust.SYNCED)


def _tampered(message: Signed, **changes: Any) -> bytes:
    """The document with fields changed after it was signed."""
    wire = json.loads(sealed(message))
    return canonical({**wire, "signed": {**wire["signed"], **changes}})


def _with_signature_of(message: Signed, other: Signed) -> bytes:
    wire, stolen = json.loads(sealed(message)), json.loads(sealed(other))
    return canonical({**wire, "signatures": stolen["signatures"]})


def _unsigned() -> Judgement:
    return _raw(canonical({**json.loads(sealed(ORDER)), "signatures": []}))


def _renamed_key() -> bytes:
    """A stranger's signature under the name of the key that the speaker trusts."""
    signature = STRANGER.sign(signed_bytes(SITE, ORDER))
    named = [{"key": KEYS[Role.SCHEDULE].key_id, "sig": signature}]
    return canonical({**json.loads(sealed(ORDER)), "signatures": named})


HELD = replace(TRUST, versions={"broadcast:b-0001": Version(1, 2), "keys": Version(0, 2), "config": Version(2, 1)})
HELD_HASH = replace(HELD, hashes={"broadcast:b-0001": sha256_hex(signed_bytes(SITE, ORDER))})
FOR_OTHERS = replace(ORDER, areas=(STRANGE_AREA,), speakers=(OTHER,))
QUIET_TOPIC = topic_of(ORDER)
ROOTED = KeyEntry(STRANGER.key_id, Role.SCHEDULE, STRANGER.public_hex)

NEXT_LIST = replace(KEY_LIST, version=2)
CROWNED = replace(NEXT_LIST, keys=(KeyEntry(STRANGER.key_id, Role.ROOT, STRANGER.public_hex), *KEY_LIST.keys[1:]))
SECOND_ROOT = replace(TRUST, keys=replace(CROWNED, version=1))
RESTORED = replace(TRUST, epoch=2)
CONFIRMED = replace(TRUST, versions={"receipt:st-0001": Version(0, 42)})
SIREN = replace(EMERGENCY, broadcast=replace(EMERGENCY.broadcast, volume=Percent(90)), title="Báo động")
RECEIPT_TOPIC, PLAN_TOPIC = topic_of(RECEIPT), topic_of(PLAN)


def _wire(message: Signed) -> dict[str, Any]:
    signed: dict[str, Any] = json.loads(sealed(message))["signed"]
    return signed


def _with_second_title() -> bytes:
    return sealed(ORDER).replace(b'"title":', b'"title":"Khac","title":')


def _signed_by_crowd(count: int, *roles: Role) -> bytes:
    """The order with the signatures of so many strangers, and of the keys of `roles`."""
    crowd = [SigningKey.from_seed_hex(f"{n:02x}" * 32) for n in range(100, 100 + count)]
    return sealed(ORDER, *crowd, *(KEYS[role] for role in roles))


HOSTILE = [
    Hostile("a flood in one message", Refused.SIZE, lambda: _raw(b" " * (MAX_DOCUMENT_BYTES + 1))),
    Hostile("an empty payload", Refused.FORM, lambda: _raw(b"")),
    Hostile("noise", Refused.FORM, lambda: _raw(b"\x00\xff\x13")),
    Hostile("a vendor's plain command", Refused.FORM, lambda: _raw(b'{"cmd":"play","url":"http://x/y.mp3"}')),
    Hostile("no signature at all", Refused.FORM, _unsigned),
    Hostile("a schema of tomorrow", Refused.FORM, lambda: _raw(_tampered(ORDER, schema=2))),
    Hostile("a field smuggled in", Refused.FORM, lambda: _raw(_tampered(ORDER, shell="reboot"))),
    Hostile("a volume of 1000", Refused.FORM, lambda: _raw(_tampered(ORDER, broadcast={"volume": 1000}))),
    Hostile("a bottomless nesting", Refused.FORM, lambda: _raw(b'{"signed":' + b"[" * 90_000 + b"]" * 90_000 + b"}")),
    Hostile("a topic of another protocol", Refused.FORM, lambda: hear(ORDER, topic="loa/phat")),
    Hostile("a broadcast on another's id", Refused.FORM, lambda: hear(ORDER, topic=QUIET_TOPIC[:-1] + "9")),
    Hostile(
        "a plan on another route", Refused.FORM, lambda: hear(PLAN, topic=f"loaxa/v1/areas/{AREA}/plan/2026-11-22")
    ),
    Hostile(
        "a plan on another day", Refused.FORM, lambda: hear(PLAN, topic=f"loaxa/v1/areas/{DISTRICT}/plan/2026-11-23")
    ),
    Hostile("a key list under another number", Refused.FORM, lambda: hear(KEY_LIST, topic="loaxa/v1/keys/2")),
    Hostile("a command on the config topic", Refused.FORM, lambda: hear(COMMAND, topic=topic_of(CONFIG))),
    Hostile("another's config on our topic", Refused.FORM, lambda: hear(replace(CONFIG, speaker=OTHER))),
    Hostile("a playback record told to a speaker", Refused.FORM, lambda: hear(RECORD)),
    Hostile("an answer to a question that nobody asked", Refused.NONCE, lambda: hear(ANSWER)),
    Hostile("an order of another site", Refused.SITE, lambda: hear(ORDER, site="hai-ha")),
    Hostile("an emergency by the schedule key", Refused.KEY, lambda: hear(EMERGENCY, KEYS[Role.SCHEDULE])),
    Hostile("a bulletin by the emergency key", Refused.KEY, lambda: hear(ORDER, KEYS[Role.EMERGENCY])),
    Hostile("a plan by the emergency key", Refused.KEY, lambda: hear(PLAN, KEYS[Role.EMERGENCY])),
    Hostile("a bulletin by the root key", Refused.KEY, lambda: hear(ORDER, KEYS[Role.ROOT])),
    Hostile("a config by the session key", Refused.KEY, lambda: hear(CONFIG, KEYS[Role.SESSION])),
    Hostile("a command by the config key", Refused.KEY, lambda: hear(COMMAND, KEYS[Role.CONFIG])),
    Hostile("a receipt by the schedule key", Refused.KEY, lambda: hear(RECEIPT, KEYS[Role.SCHEDULE])),
    Hostile("a key list by a listed key", Refused.KEY, lambda: hear(KEY_LIST, KEYS[Role.SCHEDULE])),
    Hostile(
        "a key list by a key that it names itself",
        Refused.KEY,
        lambda: hear(replace(KEY_LIST, version=9, keys=(ROOTED,)), STRANGER, trust=replace(TRUST, keys=None)),
    ),
    Hostile("a title changed on the way", Refused.SIGNATURE, lambda: _raw(_tampered(ORDER, title="Khẩn cấp!"))),
    Hostile("a cancellation forged", Refused.SIGNATURE, lambda: _raw(_tampered(ORDER, cancelled=True))),
    Hostile("an expiry moved", Refused.SIGNATURE, lambda: _raw(_tampered(ORDER, expires_ms=ORDER.expires_ms + 1))),
    Hostile(
        "the signature of another order",
        Refused.SIGNATURE,
        lambda: _raw(_with_signature_of(ORDER, replace(ORDER, title="x"))),
    ),
    Hostile("a stranger under a good name", Refused.SIGNATURE, lambda: _raw(_renamed_key())),
    Hostile("an order for others", Refused.AUDIENCE, lambda: hear(FOR_OTHERS)),
    Hostile("an order that excludes us", Refused.AUDIENCE, lambda: hear(replace(ORDER, excluded=(SPEAKER,)))),
    Hostile(
        "an order on another speaker's topic",
        Refused.AUDIENCE,
        lambda: hear(ORDER, topic=f"loaxa/v1/speakers/{OTHER}/broadcasts/{BROADCAST}"),
    ),
    Hostile(
        "a plan of another area",
        Refused.AUDIENCE,
        lambda: hear(replace(PLAN, route=f"areas/{STRANGE_AREA}")),
    ),
    Hostile(
        "another's command on the other's topic",
        Refused.AUDIENCE,
        lambda: hear(replace(COMMAND, speaker=OTHER), topic=f"loaxa/v1/speakers/{OTHER}/commands"),
    ),
    Hostile("yesterday's order replayed", Refused.EXPIRY, lambda: hear(ORDER, now=UtcMs(ORDER.expires_ms + 1))),
    Hostile("an old command replayed", Refused.EXPIRY, lambda: hear(COMMAND, now=UtcMs(COMMAND.expires_ms + 1))),
    Hostile("an old plan replayed", Refused.EXPIRY, lambda: hear(PLAN, now=UtcMs(PLAN.expires_ms + 1))),
    Hostile(
        "an earlier revision replayed", Refused.VERSION, lambda: hear(replace(ORDER, version=Version(1, 1)), trust=HELD)
    ),
    Hostile(
        "a high revision of an earlier epoch",
        Refused.VERSION,
        lambda: hear(replace(CONFIG, version=Version(1, 999)), trust=HELD),
    ),
    Hostile("a key list before the last", Refused.VERSION, lambda: hear(KEY_LIST, trust=HELD)),
    Hostile("a version that is none", Refused.VERSION, lambda: hear(replace(ORDER, version=NEVER))),
    Hostile(
        "the same revision with other words",
        Refused.VERSION,
        lambda: hear(replace(ORDER, title="Bản tin khác"), trust=HELD_HASH),
    ),
    Hostile("03:15 at night", Refused.QUIET_HOURS, lambda: hear(at_local(ORDER, 3, 15))),
    Hostile("a start before the quiet, an end in it", Refused.QUIET_HOURS, lambda: hear(at_local(ORDER, 21, 25))),
    Hostile(
        "a priority bulletin at night",
        Refused.QUIET_HOURS,
        lambda: hear(at_local(replace(ORDER, broadcast=replace(ORDER.broadcast, priority=Priority.PRIORITY)), 23, 30)),
    ),
    Hostile("a Saturday, which is not allowed", Refused.WEEKDAY, lambda: hear(on_saturday(ORDER))),
    Hostile("longer than a session may be", Refused.SESSION_CAP, lambda: hear(lasting(ORDER, 46))),
    Hostile("longer than a day's sound may be", Refused.DAILY_CAP, lambda: hear(lasting(ORDER, 20), trust=TIGHT)),
    Hostile("louder than the config allows", Refused.VOLUME, lambda: hear(louder(ORDER, 91))),
    Hostile("an emergency louder than allowed", Refused.VOLUME, lambda: hear(louder(EMERGENCY, 100))),
    Hostile("a list of lists", Refused.FORM, lambda: _raw(b"[" + sealed(ORDER) + b"]")),
    Hostile("an order twice in one payload", Refused.FORM, lambda: _raw(sealed(ORDER) * 2)),
    Hostile("a field named twice", Refused.FORM, lambda: _raw(_with_second_title())),
    Hostile("nine signatures", Refused.FORM, lambda: _raw(_signed_by_crowd(9))),
    Hostile("a record of another box as our receipt", Refused.FORM, lambda: hear(RECORD, topic=topic_of(RECEIPT))),
    Hostile("an order as a plan's neighbour", Refused.FORM, lambda: hear(ORDER, topic=topic_of(PLAN))),
    Hostile("a key list of another site", Refused.SITE, lambda: hear(NEXT_LIST, site="hai-ha")),
    Hostile("a crowd of strangers beside a wrong role", Refused.KEY, lambda: _raw(_signed_by_crowd(7, Role.CONFIG))),
    Hostile("the next list by a root that is over", Refused.KEY, lambda: hear(NEXT_LIST, trust=SECOND_ROOT)),
    Hostile("a new root that crowns itself", Refused.KEY, lambda: hear(CROWNED, STRANGER)),
    Hostile("a new root that never signed", Refused.KEY, lambda: hear(CROWNED, KEYS[Role.ROOT])),
    Hostile(
        "a role slipped into the next list",
        Refused.SIGNATURE,
        lambda: _raw(_tampered(NEXT_LIST, keys=[*_wire(NEXT_LIST)["keys"], asdict(ROOTED)]), topic_of(NEXT_LIST)),
    ),
    Hostile("a command's speaker rewritten", Refused.FORM, lambda: _raw(_tampered(COMMAND, speaker=OTHER))),
    Hostile(
        "a receipt of more than there is", Refused.SIGNATURE, lambda: _raw(_tampered(RECEIPT, up_to=9), RECEIPT_TOPIC)
    ),
    Hostile("a plan that hides a broadcast", Refused.SIGNATURE, lambda: _raw(_tampered(PLAN, entries=[]), PLAN_TOPIC)),
    Hostile(
        "quiet hours taken out of our config",
        Refused.SIGNATURE,
        lambda: _raw(_tampered(CONFIG, quiet_hours=[]), topic_of(CONFIG)),
    ),
    Hostile(
        "an exclusion taken out of an order",
        Refused.SIGNATURE,
        lambda: _raw(_tampered(replace(ORDER, excluded=(SPEAKER,)), excluded=[])),
    ),
    Hostile(
        "another's order on our own topic",
        Refused.AUDIENCE,
        lambda: hear(FOR_OTHERS, topic=f"loaxa/v1/speakers/{SPEAKER}/broadcasts/{BROADCAST}"),
    ),
    Hostile("a new order of an epoch that is over", Refused.VERSION, lambda: hear(ORDER, trust=RESTORED)),
    Hostile("a new plan of an epoch that is over", Refused.VERSION, lambda: hear(PLAN, trust=RESTORED)),
    Hostile("an emergency of an epoch that is over", Refused.VERSION, lambda: hear(EMERGENCY, trust=RESTORED)),
    Hostile("a new config of an epoch that is over", Refused.VERSION, lambda: hear(CONFIG, trust=RESTORED)),
    Hostile("a receipt from before the last", Refused.VERSION, lambda: hear(RECEIPT, trust=CONFIRMED)),
    Hostile("a siren at full volume by the schedule key", Refused.KEY, lambda: hear(SIREN, KEYS[Role.SCHEDULE])),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.story)
def test_a_hostile_document_is_refused_by_name(hostile: Hostile) -> None:
    judged = hostile.hear()
    assert isinstance(judged, Disbelieved), judged
    assert judged.name is hostile.name, judged.sentence
    assert judged.sentence


def test_there_are_enough_of_them_and_no_story_is_told_twice() -> None:
    assert len({hostile.story for hostile in HOSTILE}) == len(HOSTILE) >= 60


def test_every_refusal_of_a_document_is_in_the_table() -> None:
    assert {hostile.name for hostile in HOSTILE} == set(Refused) - {Refused.MEDIA}


# The order of the rules


def test_the_first_failure_names_the_refusal() -> None:
    """One document that breaks every rule, mended rule by rule."""
    bad = at_local(louder(replace(FOR_OTHERS, version=Version(1, 1)), 100), 3, 15)
    bad = replace(bad, expires_ms=UtcMs(NOW - 1))
    tampered = canonical(
        {**json.loads(sealed(bad, site="hai-ha")), "signatures": [{"key": KEYS[Role.CONFIG].key_id, "sig": "0" * 128}]}
    )
    local = json.loads(sealed(bad, KEYS[Role.CONFIG]))
    forged = canonical({**local, "signatures": [{"key": KEYS[Role.SCHEDULE].key_id, "sig": "0" * 128}]})
    topic, elsewhere = topic_of(bad), f"loaxa/v1/speakers/{OTHER}/broadcasts/{BROADCAST}"
    ours = replace(bad, areas=(DISTRICT,))
    valid = replace(ours, expires_ms=UtcMs(ORDER.expires_ms + 48 * HOUR))
    newest = replace(valid, version=Version(1, 3))
    by_day = lasting(newest, 10)
    steps: list[tuple[str, bytes]] = [
        (topic, b" " * (MAX_DOCUMENT_BYTES + 1)),
        ("loaxa/v1/keys/1", tampered),
        (elsewhere, tampered),
        (elsewhere, sealed(bad, KEYS[Role.CONFIG])),
        (elsewhere, forged),
        (elsewhere, sealed(bad)),
        (topic, sealed(ours)),
        (topic, sealed(valid)),
        (topic, sealed(newest)),
        (topic, sealed(on_saturday(newest))),
        (topic, sealed(lasting(newest, 46))),
        (topic, sealed(lasting(newest, 20))),
        (topic, sealed(by_day)),
        (topic, sealed(louder(by_day, 80))),
    ]
    held = replace(HELD, config=TIGHT.config)
    judged = [judge(topic, payload, held, NOW, ClockTrust.SYNCED) for topic, payload in steps]
    assert [one.name for one in judged[:-1] if isinstance(one, Disbelieved)] == list(Refused)[
        : list(Refused).index(Refused.MEDIA)
    ]
    assert isinstance(judged[-1], Believed)


# Key, audience, clock: deferred


@pytest.mark.parametrize(
    "message", [PLAN, ORDER, EMERGENCY, CONFIG, COMMAND, RECEIPT], ids=lambda message: message.TYPE
)
def test_an_unknown_key_is_deferred_until_a_list_names_it(message: Signed) -> None:
    judged = hear(message, trust=replace(TRUST, keys=None))
    assert isinstance(judged, Deferred)
    assert judged.name is Awaits.KEY
    assert hear(message, STRANGER) == judged
    assert isinstance(hear(message), Believed)


@pytest.mark.parametrize("message", [PLAN, ORDER, EMERGENCY], ids=lambda message: message.TYPE)
def test_without_a_config_nobody_knows_for_whom_it_is(message: Signed) -> None:
    judged = hear(message, trust=replace(TRUST, config=None))
    assert isinstance(judged, Deferred)
    assert judged.name is Awaits.AUDIENCE


@pytest.mark.parametrize("message", [PLAN, ORDER, EMERGENCY, COMMAND, RECEIPT], ids=lambda message: message.TYPE)
def test_without_a_trusted_clock_nobody_knows_whether_it_is_still_valid(message: Signed) -> None:
    judged = hear(message, clock=ClockTrust.UNKNOWN)
    assert isinstance(judged, Deferred)
    assert judged.name is Awaits.CLOCK
    assert isinstance(hear(message, clock=ClockTrust.HELD), Believed)


@pytest.mark.parametrize("message", [KEY_LIST, CONFIG], ids=lambda message: message.TYPE)
def test_key_list_and_config_need_no_clock_and_never_expire(message: Signed) -> None:
    assert isinstance(hear(message, clock=ClockTrust.UNKNOWN), Believed)
    assert isinstance(hear(message, now=utc_ms(2046, 1, 1)), Believed)


def test_a_forged_document_is_refused_and_not_kept_for_later() -> None:
    judged = judge(QUIET_TOPIC, _renamed_key(), replace(TRUST, config=None), NOW, ClockTrust.UNKNOWN)
    assert isinstance(judged, Disbelieved)
    assert judged.name is Refused.SIGNATURE


# Audience


def _member(from_ms: int, until_ms: int, area: AreaId = AREA) -> Config:
    return replace(CONFIG, memberships=(Membership(area, (DISTRICT,), UtcMs(from_ms), UtcMs(until_ms)),))


@pytest.mark.parametrize(
    ("order", "config", "expected"),
    [
        (ORDER, CONFIG, True),
        (replace(ORDER, areas=(AREA,)), CONFIG, True),
        (replace(ORDER, areas=(STRANGE_AREA,)), CONFIG, False),
        (replace(ORDER, areas=(), speakers=(SPEAKER,)), CONFIG, True),
        (replace(ORDER, areas=(), speakers=(SPEAKER,)), None, True),
        (replace(ORDER, areas=(), speakers=(OTHER,)), CONFIG, False),
        (replace(ORDER, speakers=(SPEAKER,), excluded=(SPEAKER,)), CONFIG, False),
        (replace(ORDER, areas=()), CONFIG, False),
        (ORDER, None, False),
        (ORDER, _member(0, START), False),
        (ORDER, _member(0, START + 1), True),
        (ORDER, _member(START, 0), True),
        (ORDER, _member(START + 1, 0), False),
    ],
)
def test_who_is_addressed_at_the_start(order: BroadcastOrder, config: Config | None, expected: bool) -> None:
    assert addressed(order, config, SPEAKER, START) is expected


def test_a_revision_that_leaves_us_out_is_heard_if_we_held_the_earlier_one() -> None:
    out = replace(FOR_OTHERS, version=Version(1, 3))
    assert isinstance(hear(out, trust=HELD), Believed)
    assert not addressed(out, CONFIG, SPEAKER, START)


def test_a_plan_is_for_those_in_the_area_on_its_day() -> None:
    midnight = utc_ms(2026, 11, 22)
    plan = replace(PLAN, route=f"areas/{AREA}")
    for config, expected in (
        (_member(0, midnight), Disbelieved),
        (_member(0, midnight + 1), Believed),
        (_member(midnight + 24 * HOUR - 1, 0), Believed),
        (_member(midnight + 24 * HOUR, 0), Disbelieved),
    ):
        assert isinstance(hear(plan, trust=replace(TRUST, config=config)), expected)


def test_a_speaker_s_own_plan_needs_no_area() -> None:
    config = replace(CONFIG, memberships=())
    assert isinstance(hear(replace(PLAN, route=f"speakers/{SPEAKER}"), trust=replace(TRUST, config=config)), Believed)


# Expiry and version


def test_the_last_millisecond_is_still_valid() -> None:
    assert isinstance(hear(ORDER, now=ORDER.expires_ms), Believed)


def test_a_duplicate_is_harmless() -> None:
    assert isinstance(hear(ORDER, trust=HELD_HASH), Believed)
    assert isinstance(hear(ORDER, trust=HELD), Believed)


def test_a_later_epoch_wins_over_a_higher_revision() -> None:
    assert isinstance(hear(replace(ORDER, version=Version(2, 1)), trust=HELD_HASH), Believed)


# Quiet hours and volume


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(at_local(EMERGENCY, 3, 15), id="an emergency at night"),
        pytest.param(replace(at_local(ORDER, 3, 15), cancelled=True), id="a cancellation at night"),
        pytest.param(at_local(ORDER, 5), id="the minute at which the quiet ends"),
        pytest.param(at_local(ORDER, 21, 20), id="over when the quiet begins"),
        pytest.param(louder(ORDER, 90), id="as loud as is allowed"),
        pytest.param(replace(louder(ORDER, 100), cancelled=True), id="a cancellation of what was too loud"),
    ],
)
def test_what_quiet_hours_and_volume_allow(order: BroadcastOrder) -> None:
    assert isinstance(hear(order), Believed)


def test_the_hard_end_cuts_what_would_reach_into_the_quiet() -> None:
    order = at_local(ORDER, 21, 25)
    cut = replace(order.broadcast, hard_end=UtcMs(order.broadcast.start + 300_000))
    assert isinstance(hear(replace(order, broadcast=cut)), Believed)


# Belief at play time

QUIETER = replace(CONFIG, volume_max_percent=Percent(79))


def play(
    order: BroadcastOrder,
    now: int = START,
    trust: Trust = TRUST,
    clock: ClockTrust = ClockTrust.SYNCED,
    offset: DurationMs | None = None,
    sounded: Sequence[Stretch] = (),
) -> Refused | None:
    doubt = may_play(order, trust, UtcMs(now), clock, offset, sounded)
    return doubt.name if doubt else None


def test_what_was_believed_may_play() -> None:
    assert play(ORDER) is None


@pytest.mark.parametrize(
    ("order", "trust", "clock", "name"),
    [
        (replace(ORDER, cancelled=True), TRUST, ClockTrust.SYNCED, Refused.AUDIENCE),
        (replace(ORDER, excluded=(SPEAKER,)), TRUST, ClockTrust.SYNCED, Refused.AUDIENCE),
        (ORDER, replace(TRUST, config=_member(0, 1)), ClockTrust.SYNCED, Refused.AUDIENCE),
        (replace(ORDER, expires_ms=UtcMs(START - 1)), TRUST, ClockTrust.SYNCED, Refused.EXPIRY),
        (ORDER, TRUST, ClockTrust.UNKNOWN, Refused.EXPIRY),
        (ORDER, replace(TRUST, versions={"broadcast:b-0001": Version(1, 3)}), ClockTrust.SYNCED, Refused.VERSION),
        (
            ORDER,
            replace(TRUST, config=replace(CONFIG, volume_max_percent=Percent(79))),
            ClockTrust.SYNCED,
            Refused.VOLUME,
        ),
    ],
)
def test_what_changed_since_is_seen_at_play_time(
    order: BroadcastOrder, trust: Trust, clock: ClockTrust, name: Refused
) -> None:
    assert play(order, trust=trust, clock=clock) is name


def test_quiet_hours_hold_for_what_remains() -> None:
    """Ten minutes from 21:20, quiet from 21:30: whoever begins late joins, or may not begin at all."""
    join = at_local(ORDER, 21, 20)
    whole = replace(join, broadcast=replace(join.broadcast, rule=StartRule.FROM_START))
    start = join.broadcast.start
    assert play(join, start + 30_000) is None
    assert play(whole, start) is None
    assert play(whole, start + 1) is Refused.QUIET_HOURS
    assert play(whole, start + 30_000, offset=DurationMs(30_000)) is None
    assert play(join, start + 60_000, offset=DurationMs(30_000)) is Refused.QUIET_HOURS
    assert play(at_local(EMERGENCY, 3), at_local(EMERGENCY, 3).broadcast.start) is None


@pytest.mark.parametrize(
    ("sounded", "expected"),
    [
        pytest.param([(-30, -5)], None, id="a session before, five minutes of silence"),
        pytest.param([(-34, -4)], None, id="34 minutes before and ten now are 44"),
        pytest.param([(-36, -4)], Refused.SESSION_CAP, id="one session of 46 minutes"),
        pytest.param([(-45, -25), (-21, -1)], Refused.SESSION_CAP, id="pauses of four minutes end no session"),
        pytest.param([(-400, -300), (-200, -190)], None, id="110 and ten are the 120 of a day"),
        pytest.param([(-400, -300), (-200, -189)], Refused.DAILY_CAP, id="a minute more is too much"),
        pytest.param([(-1020 - 100, -1020)], None, id="what sounded before midnight was yesterday"),
        pytest.param([(-1020 - 1, -1020 + 111)], Refused.DAILY_CAP, id="what sounded over midnight counts in part"),
    ],
)
def test_the_caps_count_what_sounded(sounded: list[tuple[int, int]], expected: Refused | None) -> None:
    """Ten minutes from 17:00 (1,020 minutes into the day); what sounded, in minutes from then."""
    order = lasting(ORDER, 10)
    begin = order.broadcast.start
    stretches = [Stretch(UtcMs(begin + a * 60_000), UtcMs(begin + b * 60_000)) for a, b in sounded]
    assert play(order, begin, sounded=stretches) is expected
    assert play(lasting(EMERGENCY, 10), begin, sounded=stretches) is None


def test_a_cap_that_is_just_reached_is_kept_in_spite_of_what_is_measured() -> None:
    order = lasting(ORDER, 10)
    begin = order.broadcast.start
    almost = [Stretch(UtcMs(begin - 35 * 60_000 - 2_000), begin)]
    beyond = [Stretch(UtcMs(begin - 35 * 60_000 - 2_001), begin)]
    assert play(order, begin, sounded=almost) is None
    assert play(order, begin, sounded=beyond) is Refused.SESSION_CAP


def test_nothing_remains_nothing_is_quiet() -> None:
    order = at_local(ORDER, 21, 20)
    assert play(order, order.broadcast.start + 700_000) is None


# The controller's side: records


def record(message: Signed = RECORD, *signers: SigningKey, site: str = SITE, **changes: Any) -> object:
    given: dict[str, Any] = {"public_hex": KEYS[Role.SPEAKER].public_hex, "broadcast": BROADCAST, **changes}
    judged = judge_record(sealed(message, *signers, site=site), SITE, SPEAKER, given["public_hex"], given["broadcast"])
    return judged.name if isinstance(judged, Disbelieved) else judged


def test_a_box_s_own_record_is_believed() -> None:
    assert record() == RECORD
    assert record(broadcast=None) == RECORD


@pytest.mark.parametrize(
    ("judged", "name"),
    [
        (lambda: record(COMMAND), Refused.FORM),
        (lambda: record(broadcast=BroadcastId("b-0002")), Refused.FORM),
        (lambda: record(site="hai-ha"), Refused.SITE),
        (lambda: record(RECORD, STRANGER), Refused.KEY),
        (lambda: record(public_hex=STRANGER.public_hex), Refused.KEY),
        (lambda: record(replace(RECORD, speaker=OTHER)), Refused.AUDIENCE),
    ],
)
def test_a_record_that_is_not_believed(judged: Callable[[], object], name: Refused) -> None:
    assert judged() is name


def test_a_record_changed_on_the_way() -> None:
    payload = _tampered(RECORD, state="missed")
    judged = judge_record(payload, SITE, SPEAKER, KEYS[Role.SPEAKER].public_hex)
    assert isinstance(judged, Disbelieved)
    assert judged.name is Refused.SIGNATURE


@pytest.mark.parametrize("payload", [b"", b"\xff", b" " * (MAX_DOCUMENT_BYTES + 1)])
def test_noise_is_no_record(payload: bytes) -> None:
    judged = judge_record(payload, SITE, SPEAKER, KEYS[Role.SPEAKER].public_hex)
    assert not isinstance(judged, PlaybackRecord)
