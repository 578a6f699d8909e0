"""Golden bytes: what protocol v1 wrote on its first day is written and read the same for ever."""

from pathlib import Path
from typing import Any

import pytest

from protocol.codec import SIGNED, UNSIGNED, dump, load
from protocol.envelope import open_envelope
from protocol.messages import Signed, Unsigned
from tests.protocol import examples

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


@pytest.mark.parametrize("message", examples.SIGNED_EXAMPLES, ids=lambda message: message.TYPE)
def test_signed_documents(message: Signed) -> None:
    assert examples.sealed(message) == golden(message.TYPE)
    assert open_envelope(golden(message.TYPE)).message == message


@pytest.mark.parametrize("message", examples.UNSIGNED_EXAMPLES, ids=lambda message: message.TYPE)
def test_unsigned_payloads(message: Unsigned) -> None:
    assert dump(message) == golden(message.TYPE)
    cls: type[Any] = type(message)
    assert load(cls, golden(message.TYPE)) == message


def test_there_is_one_for_every_type() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == SIGNED.keys() | UNSIGNED.keys()
