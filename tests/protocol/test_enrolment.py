"""The enrolment of a box: both sides get one code, and whoever stands between them gets another."""

from dataclasses import replace

import pytest

from controller.keys import KeyRing
from controller.signing import Signer
from protocol.enrolment import (
    Answer,
    Ask,
    Grant,
    NotGenuine,
    Offer,
    SealingKey,
    claim_code,
    commitment_of,
    open_answer,
    seal_grant,
    signed_answer,
    transcript,
    usable_sealing_key,
)
from protocol.keys import Role, SigningKey
from schedules.units import UtcMs

SITE = Signer("dam-ha", KeyRing({role: SigningKey.generate() for role in Role}))
KEY, BOX = SealingKey.generate(), SigningKey.generate()
NONCE = "ab" * 32
ASK = Ask(BOX.public_hex, KEY.public_hex, commitment_of(NONCE), "raspberrypi", "10000000abcd", "0.1.0")
OFFER = Offer("en-1", "dam-ha", SITE.root_public, "cd" * 32)
SAID = transcript(ASK, OFFER, NONCE)
GRANT = Grant("s-1", "loa.example", 8883, True, "-----BEGIN CERTIFICATE-----\n", "một mật khẩu")


def answered(site: Signer = SITE, said: str = SAID, sealing_key: str = KEY.public_hex, grant: Grant = GRANT) -> Answer:
    ephemeral, sealed = seal_grant(grant, sealing_key, said)
    signature = site.enrolment(signed_answer(said, ephemeral, sealed))
    return Answer(ephemeral, sealed, signature, site.key_list(1, UtcMs(1)).payload)


def test_the_box_reads_what_is_meant_for_it() -> None:
    assert open_answer(answered(), OFFER, SAID, SealingKey.from_hex(KEY.private_hex)) == GRANT


def test_the_code_covers_everything_that_was_said() -> None:
    codes = {claim_code(SAID)}
    for name in ("public_key", "sealing_key", "commitment", "hostname", "serial", "agent_version"):
        codes.add(claim_code(transcript(replace(ASK, **{name: "ff" * 32}), OFFER, NONCE)))
    for name in ("enrolment", "site", "root_public", "nonce"):
        codes.add(claim_code(transcript(ASK, replace(OFFER, **{name: "ff" * 32}), NONCE)))
    codes.add(claim_code(transcript(ASK, OFFER, "ff" * 32)))
    assert len(codes) == 12
    assert all(len(code) == 8 and code.isdigit() for code in codes)


def test_no_other_can_answer_and_no_other_can_read() -> None:
    stranger = Signer("dam-ha", KeyRing({role: SigningKey.generate() for role in Role}))
    other = SealingKey.generate()
    good = answered()
    flipped = good.sealed[:-1] + ("0" if good.sealed[-1] != "0" else "1")
    for answer, key in (
        (answered(stranger), KEY),
        (replace(answered(), keys=stranger.key_list(1, UtcMs(1)).payload), KEY),
        (replace(good, sealed=flipped), KEY),
        (replace(good, keys="{}"), KEY),
        (answered(said="00" * 32), KEY),
        (good, other),
        (answered(sealing_key=other.public_hex), KEY),
    ):
        with pytest.raises(NotGenuine):
            open_answer(answer, OFFER, SAID, key)
    with pytest.raises(NotGenuine):
        open_answer(good, replace(OFFER, site="elsewhere"), SAID, KEY)


def test_a_key_that_gives_everybody_the_same_secret_is_refused() -> None:
    assert usable_sealing_key(KEY.public_hex)
    assert not usable_sealing_key("00" * 32)


def test_what_is_no_answer_is_not_read() -> None:
    for value in list[object](
        [None, [], {}, {"ephemeral": "", "sealed": "", "signature": ""}, dict.fromkeys(Answer.__slots__, 1)]
    ):
        with pytest.raises(NotGenuine):
            Answer.of(value)
