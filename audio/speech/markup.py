"""What a text copied from Word, Excel or a page of the web carries besides its words: tags, entities, tabs.

Every step goes through the text once, however odd it is.
"""

import html
import re

from audio.speech.rules import listed

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:]{0,15})(?:\s[^<>]{0,4000})?/?>|<![^<>]{0,4000}>")
_BLOCKS = frozenset(listed("p div br li ul ol h1 h2 h3 h4 h5 h6 tr table tbody thead section article o:p hr"))
_CELLS = frozenset(("td", "th"))
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")


def plain(text: str) -> str:
    """Without tags and entities; a new line for a paragraph or row, a comma between the cells of a row."""
    if "<" in text and _TAG.search(text):
        text = _TAG.sub(_said, _shown(text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return "\n".join(map(_row, text.split("\n"))) if "\t" in text else text


def _said(match: re.Match[str]) -> str:
    name = (match[1] or "").lower()
    if name in _CELLS:
        return "\t" if match[0][1] == "/" else ""
    return "\n" if name in _BLOCKS else ""


def _shown(text: str) -> str:
    """Without the style sheets, scripts and comments, whose words nobody sees."""
    lowered = text.lower()
    if len(lowered) != len(text):
        return text
    kept: list[str] = []
    at = 0
    while (begin := _next_hidden(lowered, at)) is not None:
        start, end_mark = begin
        end = lowered.find(end_mark, start)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + len(end_mark)
    return "".join(kept) + text[at:]


_OPENING = re.compile(r"<(?:(style|script|xml|head)[\s>]|!--)")


def _next_hidden(lowered: str, at: int) -> tuple[int, str] | None:
    found = _OPENING.search(lowered, at)
    if found is None:
        return None
    return found.start(), f"</{found[1]}>" if found[1] else "-->"


def _row(line: str) -> str:
    cells = [cell.strip() for cell in line.split("\t")]
    return ", ".join(cell for cell in cells if cell)
