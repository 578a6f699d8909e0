"""Faster or higher after the fact, for engines that know only one manner."""

from av.audio.frame import AudioFrame
from av.filter import Graph

from audio.graph import bytes_of, frame_of
from audio.sources import Manner

_NATURAL = Manner()


def turned(pcm: bytes, rate: int, manner: Manner) -> bytes:
    """s16 mono `pcm`, `manner.rate` per cent as fast and `manner.pitch` per cent as high; the same rate comes out.

    Played faster it is higher and shorter (asetrate), then stretched to the wanted length (atempo, 0.5 … 2).
    """
    if manner == _NATURAL or not pcm:
        return pcm
    graph = Graph()
    graph.threads = 1
    source = graph.add_abuffer(sample_rate=rate, format="s16", layout="mono")
    filters = (
        ("asetrate", str(rate * manner.pitch // 100)),
        ("aresample", str(rate)),
        ("atempo", f"{manner.rate / manner.pitch:.4f}"),
        ("aformat", f"sample_fmts=s16:channel_layouts=mono:sample_rates={rate}"),
        ("abuffersink", ""),
    )
    for name, options in filters:
        here = graph.add(name, options or None)
        source.link_to(here)
        source = here
    graph.configure()
    graph.push(frame_of(pcm, 0, rate))
    graph.push(None)
    return b"".join(_pulled(graph))


def _pulled(graph: Graph) -> list[bytes]:
    import av

    pieces: list[bytes] = []
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return pieces
        if isinstance(frame, AudioFrame):
            pieces.append(bytes_of(frame))
