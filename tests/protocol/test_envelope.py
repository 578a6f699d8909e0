"""The envelope: what is signed is what is read, and a document of bad form is none."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.belief import judge, judge_answer, judge_record
from protocol.canonical import canonical, sha256_hex
from protocol.codec import MAX_DOCUMENT_BYTES, Malformed
from protocol.envelope import MAX_SIGNATURES, open_envelope, seal, signed_bytes
from protocol.judgement import Believed, Disbelieved
from protocol.keys import Role, SigningKey, verify
from protocol.messages import Signed
from schedules.playhead import ClockTrust
from tests.protocol import examples
from tests.protocol.examples import KEYS, SITE, sealed, topic_of


def _wire(message: Signed = examples.ORDER) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(sealed(message))
    return value


@pytest.mark.parametrize("message", examples.SIGNED_EXAMPLES, ids=lambda message: message.TYPE)
def test_a_document_opens_to_what_was_sealed(message: Signed) -> None:
    opened = open_envelope(sealed(message))
    assert (opened.site, opened.type, opened.schema, opened.message) == (SITE, message.TYPE, 1, message)
    assert opened.signed == signed_bytes(SITE, message)


def test_the_signature_is_over_the_canonical_bytes_whatever_the_wire_looks_like() -> None:
    loose = json.dumps(_wire(), indent=2, ensure_ascii=True).encode()
    opened = open_envelope(loose)
    assert loose != sealed(examples.ORDER)
    assert verify(KEYS[Role.SCHEDULE].public_hex, opened.signed, opened.signatures[0].sig)


def test_it_is_readable_as_it_lies_on_the_wire() -> None:
    value = _wire()
    assert list(value) == ["signed", "signatures"]
    assert value["signed"]["title"] == "Bản tin chiều 22/11"
    assert "Bản tin chiều".encode() in sealed(examples.ORDER)


def test_several_keys_may_sign() -> None:
    opened = open_envelope(sealed(examples.ORDER, KEYS[Role.SCHEDULE], examples.STRANGER))
    assert [signature.key for signature in opened.signatures] == [KEYS[Role.SCHEDULE].key_id, examples.STRANGER.key_id]


SIGNATURE = {"key": "0" * 16, "sig": "0" * 128}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"signatures": []}, "0 signatures"),
        ({"signatures": [{"key": f"{n:016}", "sig": "0" * 128} for n in range(MAX_SIGNATURES + 1)]}, "9 signatures"),
        ({"signatures": [SIGNATURE, SIGNATURE]}, "signs twice"),
        ({"signatures": [{**SIGNATURE, "alg": "none"}]}, "unknown field 'alg'"),
        ({"signatures": [{**SIGNATURE, "sig": "0" * 126}]}, "not an Ed25519 signature"),
        ({"signatures": [{**SIGNATURE, "key": "schedule"}]}, "not a key's short name"),
        ({"signatures": SIGNATURE}, "not a list"),
        ({"comment": "hello"}, "not an object of signed and signatures"),
        ({"signed": []}, "not an object of signed and signatures"),
        ({"signed": {}}, "site is not a text"),
    ],
)
def test_envelopes_of_bad_form(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        open_envelope(json.dumps({**_wire(), **change}).encode())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"site": "Đầm Hà"}, "site is not an identifier"),
        ({"schema": 2}, "schema 2 is not 1"),
        ({"schema": True}, "schema is not an integer"),
        ({"type": "sermon"}, "no type of signed message"),
        ({"type": "status"}, "no type of signed message"),
        ({"type": "plan"}, "plan lacks"),
        ({"extra": 1}, "unknown field 'extra'"),
    ],
)
def test_signed_parts_of_bad_form(change: dict[str, Any], complaint: str) -> None:
    wire = _wire()
    with pytest.raises(Malformed, match=complaint):
        open_envelope(json.dumps({**wire, "signed": {**wire["signed"], **change}}).encode())


def test_two_readings_of_one_field_are_none() -> None:
    payload = sealed(examples.ORDER).replace(b'"cancelled":false', b'"cancelled":true,"cancelled":false')
    with pytest.raises(Malformed, match="named twice"):
        open_envelope(payload)


def test_a_document_beyond_the_limit_is_not_sealed() -> None:
    with pytest.raises(Malformed, match="more than 262144"):
        seal(canonical({"title": "x" * MAX_DOCUMENT_BYTES}), KEYS[Role.SCHEDULE])


def test_a_site_that_nobody_could_read_is_not_signed() -> None:
    with pytest.raises(Malformed, match="site"):
        signed_bytes("Đầm Hà", examples.ORDER)


def _believed(payload: bytes, message: Signed) -> bytes | None:
    """The hash of what is believed of `payload`; None when it is not."""
    if message is examples.RECORD:
        key = KEYS[Role.SPEAKER].public_hex
        if isinstance(judge_record(payload, SITE, examples.SPEAKER, key, examples.BROADCAST), Disbelieved):
            return None
        return open_envelope(payload).signed
    if message is examples.ANSWER:
        asked = {examples.ASK.nonce: examples.ASK.asked_us}
        heard = judge_answer(topic_of(message), payload, examples.TRUST, asked)
        return open_envelope(payload).signed if heard == message else None
    judgement = judge(topic_of(message), payload, examples.TRUST, examples.NOW, ClockTrust.SYNCED)
    if not isinstance(judgement, Believed):
        return None
    assert judgement.signed_sha256 == sha256_hex(open_envelope(payload).signed)
    return open_envelope(payload).signed


@pytest.mark.parametrize("message", examples.SIGNED_EXAMPLES, ids=lambda message: message.TYPE)
@given(data=st.data())
def test_a_turned_bit_is_never_believed(message: Signed, data: st.DataObject) -> None:
    payload = bytearray(sealed(message))
    at = data.draw(st.integers(0, len(payload) * 8 - 1))
    payload[at // 8] ^= 1 << at % 8
    assert _believed(bytes(payload), message) in (None, signed_bytes(SITE, message))


@pytest.mark.parametrize("message", examples.SIGNED_EXAMPLES, ids=lambda message: message.TYPE)
def test_the_unharmed_document_is_believed(message: Signed) -> None:
    assert _believed(sealed(message), message) == signed_bytes(SITE, message)


@given(st.binary(max_size=300))
@example(b'{"signed":{},"signatures":[]}')
def test_noise_is_malformed_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(Malformed):
        open_envelope(noise)


def test_a_new_key_signs_like_any_other() -> None:
    key = SigningKey.generate()
    opened = open_envelope(sealed(examples.ORDER, key))
    assert verify(key.public_hex, opened.signed, opened.signatures[0].sig)
