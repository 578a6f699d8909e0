"""The chain of key lists: a root that is named signs the next, a new root signs together with the old, gaps wait."""

from dataclasses import replace

import pytest

from protocol.belief import judge
from protocol.judgement import Awaits, Believed, Deferred, Disbelieved, Judgement, Refused, Trust
from protocol.keys import Role, SigningKey
from protocol.messages import KeyEntry, Keys
from protocol.versions import Version
from schedules.playhead import ClockTrust
from tests.protocol.examples import (
    CONFIG,
    EMERGENCY,
    KEY_LIST,
    KEYS,
    NOW,
    ORDER,
    PLAN,
    STRANGER,
    TRUST,
    sealed,
    topic_of,
)

ROOT = KEYS[Role.ROOT]
SECOND = SigningKey.from_seed_hex("aa" * 32)
THIRD = SigningKey.from_seed_hex("bb" * 32)
LISTED = tuple(entry for entry in KEY_LIST.keys if entry.role != Role.ROOT)


def named(version: int, *roots: SigningKey) -> Keys:
    """The example's list under another number, with these roots."""
    entries = tuple(KeyEntry(root.key_id, Role.ROOT, root.public_hex) for root in roots)
    return replace(KEY_LIST, version=version, keys=(*entries, *LISTED))


def holding(keys: Keys | None) -> Trust:
    versions = {"keys": Version(0, keys.version)} if keys else {}
    return replace(TRUST, keys=keys, versions=versions)


def hear(offered: Keys, *signers: SigningKey, held: Keys | None) -> Judgement:
    return judge(topic_of(offered), sealed(offered, *signers), holding(held), NOW, ClockTrust.SYNCED)


def name_of(judged: Judgement) -> object:
    return judged.name if isinstance(judged, Disbelieved | Deferred) else None


@pytest.mark.parametrize(
    ("held", "offered", "signers", "expected"),
    [
        pytest.param(None, named(1, ROOT), (ROOT,), None, id="the first, by the pinned root"),
        pytest.param(None, named(7, ROOT), (ROOT,), None, id="a box set up late begins where its root signs"),
        pytest.param(None, named(1), (ROOT,), None, id="a list may leave the root as it was pinned"),
        pytest.param(None, named(4, SECOND), (ROOT, SECOND), None, id="the first may hand over already"),
        pytest.param(None, named(1, SECOND), (SECOND,), Refused.KEY, id="a root that calls itself one"),
        pytest.param(None, named(1, SECOND), (ROOT,), Refused.KEY, id="nobody has shown to hold the new root"),
        pytest.param(named(1, ROOT), named(2, ROOT), (ROOT,), None, id="the next"),
        pytest.param(named(1, ROOT), named(2, SECOND), (ROOT, SECOND), None, id="old and new root sign the new one"),
        pytest.param(named(1, ROOT), named(2, SECOND), (SECOND,), Refused.KEY, id="the new root alone"),
        pytest.param(named(1, ROOT), named(2, SECOND), (ROOT,), Refused.KEY, id="the old root alone"),
        pytest.param(named(1, ROOT), named(2), (ROOT,), Refused.KEY, id="no root any more would bring the first back"),
        pytest.param(named(2, SECOND), named(3, SECOND), (SECOND,), None, id="the second root goes on"),
        pytest.param(named(2, SECOND), named(3, ROOT), (ROOT,), Refused.KEY, id="the root that was replaced"),
        pytest.param(named(2, SECOND), named(3, THIRD), (ROOT, THIRD), Refused.KEY, id="the first root knows a third"),
        pytest.param(named(1, ROOT), named(3, ROOT), (ROOT,), Awaits.CHAIN, id="one is missing"),
        pytest.param(named(1, ROOT), named(3, SECOND), (SECOND,), Awaits.CHAIN, id="the missing one may name its root"),
        pytest.param(named(3, ROOT), named(2, ROOT), (ROOT,), Refused.VERSION, id="an older one"),
        pytest.param(named(2, ROOT), named(2, ROOT, SECOND), (ROOT, SECOND), None, id="no hash known: a duplicate"),
        pytest.param(named(1, ROOT), named(2, ROOT), (STRANGER,), Refused.KEY, id="a stranger"),
    ],
)
def test_which_list_follows_which(
    held: Keys | None, offered: Keys, signers: tuple[SigningKey, ...], expected: object
) -> None:
    assert name_of(hear(offered, *signers, held=held)) is expected


@pytest.mark.parametrize("version", [2, 3])
def test_a_forged_list_is_refused_and_not_kept_until_the_missing_one_comes(version: int) -> None:
    payload = sealed(named(version, ROOT), ROOT).replace(b'"issued_ms":1', b'"issued_ms":2')
    judged = judge(f"loaxa/v1/keys/{version}", payload, holding(named(1, ROOT)), NOW, ClockTrust.SYNCED)
    assert name_of(judged) is Refused.SIGNATURE


def test_a_new_root_must_really_sign() -> None:
    offered = named(2, SECOND)
    payload = sealed(offered, ROOT, SECOND)
    forged = payload.replace(payload[-12:-4], b"0" * 8)
    judged = judge(topic_of(offered), forged, holding(named(1, ROOT)), NOW, ClockTrust.SYNCED)
    assert name_of(judged) is Refused.SIGNATURE


def test_what_a_key_signed_is_not_believed_once_no_list_names_it() -> None:
    without = replace(KEY_LIST, keys=tuple(entry for entry in KEY_LIST.keys if entry.role != Role.SCHEDULE))
    judged = judge(topic_of(ORDER), sealed(ORDER), replace(TRUST, keys=without), NOW, ClockTrust.SYNCED)
    assert name_of(judged) is Awaits.KEY


# Epochs


@pytest.mark.parametrize("message", [PLAN, ORDER, EMERGENCY, CONFIG], ids=lambda message: message.TYPE)
def test_an_epoch_that_is_over_is_obeyed_in_nothing(message: object) -> None:
    """Whatever its id: a controller set back to a backup also makes new ones."""
    late = replace(TRUST, epoch=2)
    judged = judge(topic_of(message), sealed(message), late, NOW, ClockTrust.SYNCED)  # type: ignore[arg-type]
    assert name_of(judged) is Refused.VERSION
    newer = replace(message, version=Version(2, 1))  # type: ignore[type-var]
    assert isinstance(judge(topic_of(newer), sealed(newer), late, NOW, ClockTrust.SYNCED), Believed)  # type: ignore[arg-type]
