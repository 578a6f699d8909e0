"""The published contract is the code: channels, fields, examples."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import asyncapi, topics
from protocol.codec import SIGNED, UNSIGNED, encode
from protocol.envelope import Signature
from protocol.readers import hints_of, optional_of
from protocol.schema import parts_of
from protocol.words import CHANNELS, FIELDS, PARAMETERS
from tests.protocol.examples import MESSAGE_CLASSES
from tests.protocol.strategies import messages

CONTRACT = Path(__file__).parents[2] / "docs" / "protocol" / "asyncapi.yaml"
GOLDEN = Path(__file__).parent / "golden"
DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))


def validator(name: str) -> jsonschema.Draft7Validator:
    """The validator of one schema of the contract, as a foreign reader would build it."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema.Draft7Validator(schema)


def golden(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_bytes())
    return value


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object inside a message with fields that the contract names."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "numbers":
                yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def test_the_file_is_what_the_code_makes() -> None:
    assert CONTRACT.read_text(encoding="utf-8") == asyncapi.text(), "run: python -m protocol.asyncapi"


def test_the_file_reads_as_the_document_that_is_meant() -> None:
    assert asyncapi.document() == DOCUMENT
    assert DOCUMENT["asyncapi"] == "3.0.0"


def test_the_channels_are_the_table() -> None:
    told = set()
    for operation in DOCUMENT["operations"].values():
        channel = DOCUMENT["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]
        (message,) = channel["messages"]
        mqtt = operation["bindings"]["mqtt"]
        publisher = {"send": "controller", "receive": "speaker"}[operation["action"]]
        pattern = channel["address"].removeprefix(f"{topics.ROOT}/")
        told.add(topics.TopicRule(pattern, mqtt["retain"], mqtt["qos"], publisher, message))
    assert told == set(topics.TABLE)
    assert len(DOCUMENT["channels"]) == len(topics.TABLE)


def test_every_parameter_of_an_address_is_told() -> None:
    for channel in DOCUMENT["channels"].values():
        named = re.findall(r"\{(.+?)\}", channel["address"])
        assert list(channel.get("parameters", {})) == named


def test_every_reference_leads_somewhere() -> None:
    for reference in _references(DOCUMENT):
        found: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_every_field_is_documented_and_nothing_else() -> None:
    classes = {*MESSAGE_CLASSES, Signature, *(part for cls in MESSAGE_CLASSES for part in parts_of(cls))}
    assert {cls: list(words) for cls, words in FIELDS.items()} == {cls: list(hints_of(cls)) for cls in classes}
    assert CHANNELS.keys() == {rule.pattern for rule in topics.TABLE}
    assert PARAMETERS.keys() == set(re.findall(r"\{(.+?)\}", " ".join(CHANNELS)))


def test_every_description_is_a_sentence() -> None:
    said = [words for fields in FIELDS.values() for words in fields.values()]
    said += [*CHANNELS.values(), *PARAMETERS.values()]
    said += [schema["description"] for schema in DOCUMENT["components"]["schemas"].values()]
    said += [message["summary"] for message in DOCUMENT["components"]["messages"].values()]
    for words in said:
        assert len(words) > 8
        assert words[-1] in ".…", words
        assert words[0].isupper() or words[0] in "`1", words


@pytest.mark.parametrize("name", sorted(SIGNED | UNSIGNED))
def test_a_golden_example_is_valid(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(DOCUMENT["components"]["schemas"][name])
    validator(name).validate(golden(name))


def may_be_absent(name: str, found: dict[str, Any]) -> frozenset[str]:
    """The optional fields of the object of a message that has the fields found."""
    cls = {**SIGNED, **UNSIGNED}[name]
    return frozenset().union(
        *(
            optional_of(part)
            for part in (cls, *parts_of(cls))
            if found.keys() <= {*hints_of(part), "site", "type", "schema"}
        )
    )


@pytest.mark.parametrize("name", sorted(SIGNED | UNSIGNED))
def test_a_field_more_or_less_is_not_valid(name: str) -> None:
    checked = validator(name)
    count = len(list(_objects(golden(name))))
    for n in range(count):
        for field in list(list(_objects(golden(name)))[n]):
            less = golden(name)
            del list(_objects(less))[n][field]
            assert checked.is_valid(less) is (field in may_be_absent(name, list(_objects(golden(name)))[n])), field
        more = golden(name)
        list(_objects(more))[n]["more"] = 1
        assert not checked.is_valid(more)


@pytest.mark.parametrize("cls", MESSAGE_CLASSES, ids=lambda cls: cls.TYPE)
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_the_codec_writes_is_valid(cls: type[Any], data: st.DataObject) -> None:
    fields = encode(data.draw(messages(cls)))
    value = copy.deepcopy(golden(cls.TYPE))
    (value["signed"] if cls.TYPE in SIGNED else value).update(fields)
    validator(cls.TYPE).validate(value)
