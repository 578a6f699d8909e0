"""Streams of the sound card's library: how one is ended."""

import logging

import sounddevice

_log = logging.getLogger(__name__)


def end(stream: sounddevice._StreamBase | None, what: str) -> None:
    """At once, without playing out what it holds; a device that is gone already is no error."""
    if stream is None:
        return
    try:
        stream.abort()
        stream.close()
    except sounddevice.PortAudioError as error:
        _log.info("closing %s: %s", what, error)
