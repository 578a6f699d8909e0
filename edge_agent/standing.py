"""How the agent is, in the one sentence that `systemctl status` shows. Pure."""

from edge_agent.words import Lang, Sentence
from schedules.playhead import ClockTrust

_CONNECTED = Sentence("Đã nối với máy chủ", "Connected to the broker")
_ALONE = Sentence(
    "Chưa nối được máy chủ, vẫn phát theo lịch đã nhận", "No connection to the broker, playing what was received"
)
_CLOCK = Sentence("ĐỒNG HỒ CHƯA ĐÚNG: chưa phát theo lịch", "CLOCK NOT TRUSTED: nothing is played on schedule")
_NO_SOUND = Sentence("KHÔNG RA TIẾNG: {why}", "NO SOUND: {why}")
_PLAYING = Sentence("đang phát: {title}", "playing: {title}")


def standing(lang: Lang, *, connected: bool, clock: ClockTrust, sound_failure: str, playing: str) -> str:
    """The worst comes first, since some terminals cut the line."""
    parts = [_NO_SOUND.say(lang, why=sound_failure)] if sound_failure else []
    parts += [_CLOCK.say(lang)] if clock is ClockTrust.UNKNOWN else []
    parts.append((_CONNECTED if connected else _ALONE).say(lang))
    parts += [_PLAYING.say(lang, title=playing)] if playing else []
    return "; ".join(parts)
