"""The page that links what every speaker of the demonstration put out, so that anyone can hear it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from deploy.demo.agents import Agent
from deploy.demo.report import write_whole

_PAGE = """<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>LoaXã: âm thanh từng cụm loa đã phát</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }}</style>
<h1>Âm thanh từng cụm loa đã phát</h1>
{sections}
</html>
"""


def found(agents: Sequence[Agent]) -> tuple[tuple[Agent, tuple[Path, ...]], ...]:
    """Each agent's recordings, the newest first."""
    return tuple(
        (agent, tuple(sorted(agent.recordings.glob("*.wav"), key=lambda wav: wav.stat().st_mtime, reverse=True)))
        for agent in agents
    )


def page(folder: Path, recordings: Sequence[tuple[Agent, Sequence[Path]]]) -> str:
    """The page as it stands in `folder`, with relative links."""
    sections = "\n".join(_section(folder, agent, wavs) for agent, wavs in recordings)
    return _PAGE.format(sections=sections)


def _section(folder: Path, agent: Agent, wavs: Sequence[Path]) -> str:
    links = "\n".join(_link(wav.relative_to(folder).as_posix()) for wav in wavs)
    return f"<h2>{escape(agent.name)}</h2>\n{links or '<p>Chưa phát bản tin nào.</p>'}"


def _link(href: str) -> str:
    href = escape(href)
    return f'<p><audio controls preload="none" src="{href}"></audio><br><a href="{href}">{href}</a></p>'


def refresh(folder: Path, agents: Sequence[Agent]) -> Path:
    """Write the page again if it changed; return where it is."""
    path = folder / "recordings.html"
    text = page(folder, found(agents))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text)
    return path
