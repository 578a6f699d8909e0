"""The published contract: prints the AsyncAPI 3.0 document of protocol v1 (`python -m protocol.asyncapi`)."""

import json
import re
from typing import Any

from protocol import topics
from protocol.codec import SIGNED, UNSIGNED
from protocol.schema import first_sentence, reference, schemas
from protocol.words import CHANNELS, PARAMETERS

_ABOUT = (
    "What crosses between the controller and the speakers of one site, over any MQTT 3.1.1 broker. Signed documents "
    "are believed for their Ed25519 signature, never for the way they came. Operations are told from the "
    "controller's side: it sends what speakers receive. An empty payload clears a retained topic and says nothing. "
    "Every integer is exact below 2^53; there are no floats."
)


def channel_name(pattern: str) -> str:
    """The name of a channel: its pattern without the root, levels joined by a dot, parameters bare."""
    return re.sub(r"[{}]", "", pattern).replace("/", ".")


def _parameters(pattern: str) -> dict[str, Any]:
    names = re.findall(r"\{([a-z0-9-]+)\}", pattern)
    return {name: {"$ref": f"#/components/parameters/{name}"} for name in names}


def _channel(rule: topics.TopicRule) -> dict[str, Any]:
    parameters = _parameters(rule.pattern)
    return {
        "address": f"{topics.ROOT}/{rule.pattern}",
        "description": CHANNELS[rule.pattern],
        **({"parameters": parameters} if parameters else {}),
        "messages": {rule.message: {"$ref": f"#/components/messages/{rule.message}"}},
    }


def _operation(rule: topics.TopicRule) -> dict[str, Any]:
    channel = f"#/channels/{channel_name(rule.pattern)}"
    return {
        "action": "send" if rule.publisher == "controller" else "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{rule.message}"}],
        "bindings": {"mqtt": {"qos": rule.qos, "retain": rule.retained, "bindingVersion": "0.2.0"}},
    }


def _message(name: str) -> dict[str, Any]:
    if name == "chunk":
        summary, content = "One chunk of a clip.", "application/octet-stream"
    else:
        summary, content = first_sentence({**SIGNED, **UNSIGNED}[name]), "application/json"
    return {"name": name, "summary": summary, "contentType": content, "payload": reference(name)}


def document() -> dict[str, Any]:
    """The AsyncAPI document as plain values."""
    messages = list(dict.fromkeys(rule.message for rule in topics.TABLE))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "LoaXã protocol",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {channel_name(rule.pattern): _channel(rule) for rule in topics.TABLE},
        "operations": {f"{rule.publisher}.{channel_name(rule.pattern)}": _operation(rule) for rule in topics.TABLE},
        "components": {
            "parameters": {name: {"description": words} for name, words in PARAMETERS.items()},
            "messages": {name: _message(name) for name in messages},
            "schemas": schemas(),
        },
    }


def _yaml(value: Any, indent: int) -> str:
    """Block style for objects and lists, JSON's own spelling (which YAML 1.2 reads) for the rest."""
    pad = "\n" + "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{_key(key)}:{_yaml(inner, indent + 1)}" for key, inner in value.items())
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "".join(f"{pad}-{_yaml(item, indent + 1)}" for item in value)
    return " " + json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", name) else json.dumps(name)


def text() -> str:
    """The document as YAML."""
    head = "# The contract of protocol v1. Made by `python -m protocol.asyncapi`; a test holds it to the code."
    return head + _yaml(document(), 0) + "\n"


if __name__ == "__main__":
    print(text(), end="")
