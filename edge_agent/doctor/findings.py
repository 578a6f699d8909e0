"""What was found: a verdict on one part of the box in a sentence, and what to do. As lines for people or as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from edge_agent.words import Lang, Sentence


class Part(StrEnum):
    CONFIG = "config"
    DISK = "disk"
    KEYS = "keys"
    CLOCK = "clock"
    BROKER = "broker"
    SOUND = "sound"


class Verdict(StrEnum):
    WELL = "well"
    DOUBT = "doubt"
    """It works, or was not looked at; a person should know."""
    BAD = "bad"


_NAMES = {
    Part.CONFIG: Sentence("Cấu hình", "Config"),
    Part.DISK: Sentence("Ổ đĩa", "Disk"),
    Part.KEYS: Sentence("Khóa", "Keys"),
    Part.CLOCK: Sentence("Đồng hồ", "Clock"),
    Part.BROKER: Sentence("Máy chủ", "Broker"),
    Part.SOUND: Sentence("Âm thanh", "Sound"),
}
_SIGNS = {Verdict.WELL: "✓", Verdict.DOUBT: "!", Verdict.BAD: "✗"}
_TO_DO = Sentence("Cần làm: {advice}", "To do: {advice}")


@dataclass(frozen=True, slots=True)
class Finding:
    part: Part
    verdict: Verdict
    code: str
    """For programs; never changes with the language."""
    said: Sentence
    advice: Sentence | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    """For both sentences, by name."""


def well(part: Part, code: str, said: Sentence, **values: object) -> Finding:
    return Finding(part, Verdict.WELL, code, said, None, values)


def doubt(part: Part, code: str, said: Sentence, advice: Sentence, **values: object) -> Finding:
    return Finding(part, Verdict.DOUBT, code, said, advice, values)


def bad(part: Part, code: str, said: Sentence, advice: Sentence, **values: object) -> Finding:
    return Finding(part, Verdict.BAD, code, said, advice, values)


def all_well(findings: Sequence[Finding]) -> bool:
    """Nothing is bad; doubts are allowed."""
    return all(finding.verdict is not Verdict.BAD for finding in findings)


def as_lines(finding: Finding, lang: Lang) -> list[str]:
    """One line, and another with what to do."""
    name = _NAMES[finding.part].say(lang)
    lines = [f"{_SIGNS[finding.verdict]} {name:<9} {finding.said.say(lang, **finding.values)}"]
    if finding.advice:
        lines.append(f"{'':12}{_TO_DO.say(lang, advice=finding.advice.say(lang, **finding.values))}")
    return lines


def as_json(findings: Sequence[Finding], lang: Lang) -> str:
    """One object: whether all is well, and the findings with their codes, sentences and values."""

    def shown(finding: Finding) -> dict[str, Any]:
        advice = finding.advice.say(lang, **finding.values) if finding.advice else ""
        return {
            "part": finding.part,
            "verdict": finding.verdict,
            "code": finding.code,
            "text": finding.said.say(lang, **finding.values),
            "advice": advice,
            "values": dict(finding.values),
        }

    told = {"well": all_well(findings), "findings": [shown(finding) for finding in findings]}
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)
