"""Which sink the settings ask for; the sound card's library is loaded only when it is used."""

from edge_agent.clock import Clock
from edge_agent.settings import SoundSettings
from edge_agent.sinks.paced import Nowhere, PacedSink
from edge_agent.sinks.port import Sink, Source
from edge_agent.sinks.wav import WavKeeper


def make_sink(clock: Clock, settings: SoundSettings, source: Source) -> Sink:
    """A sink, not yet open."""
    match settings.sink:
        case "wav":
            return PacedSink(clock, source, WavKeeper(settings.recordings))
        case "card":
            from edge_agent.sinks.card import CardSink

            return CardSink(clock, source, settings.device)
    return PacedSink(clock, source, Nowhere())
