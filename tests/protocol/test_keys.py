"""Keys: Ed25519 as RFC 8032 has it, short names, and nothing secret in a log."""

import pytest

from protocol.keys import SigningKey, key_id, verify

# RFC 8032 section 7.1, test 2.
SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_the_rfc_s_own_vector() -> None:
    key = SigningKey.from_seed_hex(SEED)
    assert key.public_hex == PUBLIC
    assert key.sign(b"\x72") == SIGNATURE
    assert verify(PUBLIC, b"\x72", SIGNATURE)
    assert not verify(PUBLIC, b"\x73", SIGNATURE)


def test_a_key_comes_back_from_its_seed() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_seed_hex(key.seed_hex + "\n")
    assert (again.public_hex, again.key_id) == (key.public_hex, key_id(key.public_hex))
    assert SigningKey.generate().public_hex != key.public_hex


def test_the_short_name_is_the_beginning_of_the_hash() -> None:
    assert key_id(PUBLIC) == "39f713d0a644253f"


def test_the_seed_is_in_no_log() -> None:
    key = SigningKey.from_seed_hex(SEED)
    assert SEED not in f"{key!r} {key}"


@pytest.mark.parametrize("seed", ["", "zz" * 32, SEED[:-1], SEED.upper(), SEED + "00"])
def test_what_is_no_seed(seed: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        SigningKey.from_seed_hex(seed)


@pytest.mark.parametrize(
    ("public", "signature"),
    [("", SIGNATURE), (PUBLIC, ""), (PUBLIC.upper(), SIGNATURE), (PUBLIC, SIGNATURE + "00"), ("f" * 64, SIGNATURE)],
)
def test_what_is_no_key_or_signature_verifies_nothing(public: str, signature: str) -> None:
    assert not verify(public, b"\x72", signature)
