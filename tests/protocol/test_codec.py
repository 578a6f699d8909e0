"""The codec: every message survives its own bytes, and nothing but the message is read."""

import json
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import MAX_DOCUMENT_BYTES, SIGNED, UNSIGNED, Malformed, decode, dump, encode, load, parse_json
from protocol.forms import MAX_ITEMS, MAX_TEXT
from protocol.messages import Config, Status, Telemetry, Wants
from protocol.readers import optional_of
from protocol.topics import TABLE
from schedules.model import QuietHours
from schedules.units import SpeakerId
from tests.protocol import examples
from tests.protocol.strategies import messages

EXAMPLES = (*examples.SIGNED_EXAMPLES, *examples.UNSIGNED_EXAMPLES)


@pytest.mark.parametrize("cls", examples.MESSAGE_CLASSES, ids=lambda cls: cls.TYPE)
@given(data=st.data())
def test_every_message_survives_its_json(cls: type[Any], data: st.DataObject) -> None:
    message = data.draw(messages(cls))
    text = json.dumps(encode(message))
    assert decode(cls.TYPE, json.loads(text)) == message


@pytest.mark.parametrize("message", examples.UNSIGNED_EXAMPLES, ids=lambda message: message.TYPE)
def test_unsigned_payloads_come_back(message: Any) -> None:
    payload = dump(message)
    assert load(type(message), payload) == message
    assert json.loads(payload)["schema"] == 1


def test_every_type_of_the_topic_table_has_its_class() -> None:
    assert {rule.message for rule in TABLE} == SIGNED.keys() | UNSIGNED.keys() | {"chunk"}


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: message.TYPE)
def test_a_field_more_or_less_is_refused(message: Any) -> None:
    value = encode(message)
    with pytest.raises(Malformed, match="unknown field 'color'"):
        decode(message.TYPE, {**value, "color": 1})
    for name in value.keys() - optional_of(type(message)):
        with pytest.raises(Malformed, match=f"lacks '{name}'"):
            decode(message.TYPE, {key: inner for key, inner in value.items() if key != name})


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: message.TYPE)
@pytest.mark.parametrize("foreign", [None, 1.5, object()])
def test_no_field_takes_what_cannot_cross_the_wire(message: Any, foreign: object) -> None:
    value = encode(message)
    for name in value:
        with pytest.raises(Malformed, match=name):
            decode(message.TYPE, {**value, name: foreign})


def _order(**changes: object) -> dict[str, object]:
    return {**encode(examples.ORDER), **changes}


def _inner(**changes: object) -> dict[str, object]:
    value = encode(examples.ORDER)
    return {**value, "broadcast": {**value["broadcast"], **changes}}


CLIP_WIRE = encode(examples.ORDER)["broadcast"]["clips"][0]
START = examples.START


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        (_order(cancelled=0), "cancelled is not true or false"),
        (_order(issued_ms=True), "issued_ms is not an integer"),
        (_order(issued_ms="1"), "issued_ms is not an integer"),
        (_order(issued_ms=-1), "issued_ms is not from 0"),
        (_order(issued_ms=2**53), "issued_ms is beyond"),
        (_order(expires_ms=2**53 - 1), "expires_ms is not from 0"),
        (_order(title="x" * (MAX_TEXT + 1)), "title has more than"),
        (_order(title="a\0b"), "title has a character that is none"),
        (_order(title="a\ud800"), "title has a character that is none"),
        (_order(areas="a-1"), "areas is not a list"),
        (_order(areas=["A-1"]), r"areas\[0\] is not an identifier"),
        (_order(areas=["a/+"]), r"areas\[0\] is not an identifier"),
        (_order(speakers=["s-1", ""]), r"speakers\[1\] is not an identifier"),
        (_order(excluded=["x" * 65]), r"excluded\[0\] is not an identifier"),
        (_order(areas=["a"] * (MAX_ITEMS + 1)), "areas has more than"),
        (_order(version=[1, 2]), "version is not an object"),
        (_order(version={"epoch": 1}), "version lacks 'revision'"),
        (_order(version={"epoch": 1, "revision": -1}), "revision is not from 0"),
        (_inner(id="b_1"), "id is not an identifier"),
        (_inner(priority=4), "priority is none of 1, 2, 3"),
        (_inner(priority=True), "priority is none of 1, 2, 3"),
        (_inner(priority="1"), "priority is none of 1, 2, 3"),
        (_inner(rule="later"), "rule is none of join, from_start"),
        (_inner(rule=[]), "rule is none of"),
        (_inner(volume=101), "volume is not from 0 to 100"),
        (_inner(volume=-1), "volume is not from 0 to 100"),
        (_inner(latest_start=START - 1), "not in this order"),
        (_inner(latest_start=START + 900_001), "not in this order"),
        (_inner(hard_end=START), "not in this order"),
        (_inner(clips=[]), "no clip"),
        (_inner(clips=[{**CLIP_WIRE, "duration": 0}]), "duration is not from 1"),
        (_inner(clips=[{**CLIP_WIRE, "id": "0" * 63}]), "is not a SHA-256"),
        (_inner(clips=[{**CLIP_WIRE, "id": CLIP_WIRE["id"].upper()}]), "is not a SHA-256"),
        (_inner(clips=[{**CLIP_WIRE, "index_sha256": "x" * 64}]), "is not a SHA-256"),
    ],
)
def test_orders_of_bad_form(fields: dict[str, object], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        decode("broadcast", fields)


def _with(message: Any, **changes: object) -> tuple[str, dict[str, object]]:
    return message.TYPE, {**encode(message), **changes}


KEY_WIRE = encode(examples.KEY_LIST)["keys"][0]
MEMBERSHIP_WIRE = encode(examples.CONFIG)["memberships"][0]


@pytest.mark.parametrize(
    ("wire", "complaint"),
    [
        (_with(examples.CONFIG, time_zone="Mars/Olympus"), "no time zone"),
        (_with(examples.CONFIG, time_zone="../../etc/passwd"), "no time zone"),
        (_with(examples.CONFIG, time_zone=""), "no time zone"),
        (_with(examples.CONFIG, quiet_hours=[{"begin": "24:00", "end": "05:00"}]), "time of day"),
        (_with(examples.CONFIG, quiet_hours=[{"begin": "5:00", "end": "06:00"}]), "time of day"),
        (_with(examples.CONFIG, quiet_hours=[{"begin": "05:00", "end": "05:00"}]), "end when they begin"),
        (_with(examples.CONFIG, weekdays=[0, 7]), "not from 0 to 6"),
        (_with(examples.CONFIG, weekdays=[0, 0]), "listed twice"),
        (_with(examples.CONFIG, daily_cap_ms=-1), "not from 0"),
        (_with(examples.CONFIG, memberships=[{**MEMBERSHIP_WIRE, "from_ms": 9, "until_ms": 9}]), "ends before"),
        (_with(examples.KEY_LIST, keys=[KEY_WIRE, KEY_WIRE]), "a key is listed twice"),
        (_with(examples.KEY_LIST, keys=[{**KEY_WIRE, "key": "0" * 16}]), "not the name of its public key"),
        (_with(examples.KEY_LIST, keys=[{**KEY_WIRE, "role": "speaker"}]), "not a role"),
        (_with(examples.KEY_LIST, version=0), "version is not from 1"),
        (_with(examples.PLAN, day="2026-02-30"), "day"),
        (_with(examples.PLAN, day="22/11/2026"), "not a UTC date"),
        (_with(examples.PLAN, route="areas/+"), "not a route"),
        (_with(examples.PLAN, entries=encode(examples.PLAN)["entries"] * 2), "a broadcast is listed twice"),
        (_with(examples.COMMAND, name="format_disk"), "not a command"),
        (_with(examples.INDEX, chunks=[]), "make 3 chunks"),
        (_with(examples.TELEMETRY, numbers={"load": 0.5}), "not an integer"),
        (_with(examples.TELEMETRY, numbers=[1]), "not an object"),
        (_with(examples.TELEMETRY, numbers={str(n): n for n in range(MAX_ITEMS + 1)}), "more than"),
        (("loudness", {}), "no type of message"),
    ],
)
def test_other_messages_of_bad_form(wire: tuple[str, dict[str, object]], complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        decode(*wire)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b'{"schema":1}',
        b'{"schema":2,"speaker":"s-1","at_ms":1,"topics":[]}',
        b'{"schema":true,"speaker":"s-1","at_ms":1,"topics":[]}',
        b'{"schema":1,"speaker":"s-1","at_ms":1.0,"topics":[]}',
        b'{"schema":1,"speaker":"s-1","at_ms":1e3,"topics":[]}',
        b'{"schema":1,"speaker":"s-1","at_ms":NaN,"topics":[]}',
        b'{"schema":1,"speaker":"s-1","at_ms":' + b"9" * 5_000 + b',"topics":[]}',
        b'{"schema":1,"speaker":"s-1","speaker":"s-2","at_ms":1,"topics":[]}',
        b'{"schema":1,"speaker":"s-1","at_ms":1,"topics":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"schema":1,"speaker":"s-1","at_ms":1,"topics":[]}' + b" " * MAX_DOCUMENT_BYTES,
    ],
)
def test_what_is_no_payload(payload: bytes) -> None:
    with pytest.raises(Malformed):
        load(Wants, payload)


@given(st.binary(max_size=200))
def test_noise_is_malformed_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(Malformed):
        load(Status, noise)


@pytest.mark.parametrize(
    "message",
    [
        replace(examples.STATUS, speaker=SpeakerId("S 1")),
        replace(examples.STATUS, volume_percent=101),
        replace(examples.CONFIG, quiet_hours=(QuietHours(time(21, 30, 5), time(5)),)),
        replace(examples.ORDER, areas=[examples.AREA]),  # type: ignore[arg-type]
        Telemetry(examples.SPEAKER, examples.NOW, {"a": 2**53}),
    ],
)
def test_nobody_writes_what_nobody_would_read(message: Any) -> None:
    with pytest.raises(Malformed):
        encode(message)


def test_a_payload_beyond_the_limit_is_not_written() -> None:
    numbers = {f"{n:04}{'x' * 200}": 1 for n in range(2_000)}
    with pytest.raises(Malformed, match="more than 262144"):
        dump(Telemetry(examples.SPEAKER, examples.NOW, numbers))


def test_space_and_order_do_not_matter() -> None:
    value = parse_json(dump(examples.STATUS))
    assert isinstance(value, dict)
    loose = json.dumps(dict(reversed(value.items())), indent=3).encode()
    assert load(Status, loose) == examples.STATUS


def test_a_config_of_before_there_were_caps_has_none() -> None:
    old = {name: value for name, value in encode(examples.CONFIG).items() if name not in Config.OPTIONAL}
    read = decode("config", old)
    free = replace(examples.CONFIG, session_cap_ms=0, daily_cap_ms=0, weekdays=(0, 1, 2, 3, 4, 5, 6), volume_hours=())
    assert read == free
    assert set(encode(read)) == set(encode(examples.CONFIG))


def test_quiet_hours_are_told_as_people_tell_them() -> None:
    assert encode(examples.CONFIG)["quiet_hours"][0] == {"begin": "21:30", "end": "05:00"}
    assert isinstance(decode("config", encode(examples.CONFIG)), Config)
