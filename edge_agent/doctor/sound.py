"""The place where sound goes: it is there, opens, and takes silence at the pace of real time."""

import grp
import os
import threading
from collections.abc import Sequence
from contextlib import suppress

from edge_agent.clock import Clock
from edge_agent.doctor.findings import Finding, Part, bad, doubt, well
from edge_agent.settings import SoundSettings
from edge_agent.sinks.choice import make_sink
from edge_agent.sinks.port import CARD_FRAMES, RATE
from edge_agent.words import Sentence

_FIRST_S = 5.0
_LISTEN_S = 2.0
_PACE = 0.1
"""The flow may be so far from real time, as a share of it: a busy machine, never another kind of device."""


class Silence:
    """A source of nothing that counts what is asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asked = threading.Event()
        self.failure = ""
        self.underruns = 0
        self._taken: list[tuple[float, int]] = []

    def fill(self, frames: int, utc_ns: int) -> bytes:
        self._taken.append((self._clock.monotonic_s(), frames))
        self.asked.set()
        return bytes(2 * frames)

    def sounding(self) -> tuple[str, ...]:
        return ()

    def underrun(self) -> None:
        self.underruns += 1

    def failed(self, sentence: str) -> None:
        self.failure = sentence
        self.asked.set()

    def recovered(self) -> None:
        self.failure = ""

    def pace(self) -> float:
        """Seconds of sound per second, without the first blocks, which fill the device's buffer."""
        taken = self._taken[len(self._taken) // 4 :]
        if len(taken) < 2 or taken[-1][0] == taken[0][0]:
            return 0.0
        return sum(frames for _, frames in taken[1:]) / RATE / (taken[-1][0] - taken[0][0])


def check(settings: SoundSettings, clock: Clock, agent_pid: str) -> list[Finding]:
    """Two seconds of silence. While an agent runs it has the card, and is not disturbed."""
    if settings.sink == "card":
        there = _card(settings.device)
        if there.advice:
            return [there]
    elif settings.sink == "wav":
        there = doubt(Part.SOUND, "wav", _WAV, _SET_CARD, folder=settings.recordings)
    else:
        there = doubt(Part.SOUND, "null", _NULL, _SET_CARD)
    if agent_pid:
        return [there, doubt(Part.SOUND, "agent_runs", _AGENT_RUNS, _STOP_IT, pid=agent_pid)]
    return [there, _flow(settings, clock)]


def _card(wanted: str) -> Finding:
    try:
        import sounddevice
    except OSError:
        return bad(Part.SOUND, "library", _NO_LIBRARY, _INSTALL)
    names = [str(device["name"]) for device in sounddevice.query_devices() if device["max_output_channels"] > 0]
    fitting = [name for name in names if wanted.lower() in name.lower()]
    if not names:
        return bad(Part.SOUND, "no_card", _NO_CARD, _PLUG if _may_use_cards() else _JOIN_GROUP)
    if not fitting:
        return bad(Part.SOUND, "other_cards", _OTHER_CARDS, _NAME_IT, wanted=wanted, names=_listed(names))
    return well(Part.SOUND, "card", _CARD, name=fitting[0] if wanted else _default(names))


def _default(names: Sequence[str]) -> str:
    return "default" if "default" in names else names[0]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _may_use_cards() -> bool:
    with suppress(KeyError):
        return os.geteuid() == 0 or grp.getgrnam("audio").gr_gid in os.getgroups()
    return True


def _flow(settings: SoundSettings, clock: Clock) -> Finding:
    silence = Silence(clock)
    sink = make_sink(clock, settings, silence)
    try:
        sink.open()
        if silence.asked.wait(_FIRST_S) and not silence.failure:
            clock.sleep_until_ns(clock.monotonic_ns() + int(_LISTEN_S * 1e9))
    finally:
        sink.close()
    pace = silence.pace()
    if silence.failure or not pace:
        return bad(Part.SOUND, "silent", _NOT_OPEN, _FREE_IT, why=silence.failure or "-")
    values = {"percent": round(100 * pace), "underruns": silence.underruns, "block_ms": CARD_FRAMES * 1000 // RATE}
    if silence.underruns and pace < 1 + _PACE:
        return doubt(Part.SOUND, "underruns", _GAPS, _LESS_LOAD, **values)
    if abs(pace - 1) > _PACE:
        return bad(Part.SOUND, "pace", _WRONG_PACE, _REAL_CARD, **values)
    return well(Part.SOUND, "flows", _FLOWS, **values)


_CARD = Sentence("Có card âm thanh: {name}.", "The sound card is there: {name}.")
_NO_LIBRARY = Sentence("Thiếu thư viện PortAudio.", "The PortAudio library is missing.")
_INSTALL = Sentence("`sudo apt-get install libportaudio2`.", "`sudo apt-get install libportaudio2`.")
_NO_CARD = Sentence("Không có card âm thanh nào để phát.", "There is no sound card to play on.")
_PLUG = Sentence(
    "Cắm lại card USB hoặc dây, xem `aplay -l`; trên Raspberry Pi xem dtparam=audio=on hoặc dtoverlay của card trong "
    "/boot/firmware/config.txt.",
    "Plug the USB card in again, see `aplay -l`; on a Raspberry Pi see dtparam=audio=on or the card's dtoverlay in "
    "/boot/firmware/config.txt.",
)
_JOIN_GROUP = Sentence(
    "Người dùng này không thuộc nhóm audio: `sudo adduser loaxa-agent audio`.",
    "This user is not in the group audio: `sudo adduser loaxa-agent audio`.",
)
_OTHER_CARDS = Sentence("Không có card “{wanted}”. Có: {names}.", "There is no card “{wanted}”. There are: {names}.")
_NAME_IT = Sentence(
    "Ghi vào sound.device một phần tên của card trong danh sách này, hoặc cắm lại card.",
    "Write a part of a name in this list into sound.device, or plug the card in again.",
)
_WAV = Sentence("Âm thanh được ghi vào {folder}, loa không kêu.", "Sound goes to files in {folder}, nothing is heard.")
_NULL = Sentence("Âm thanh bị bỏ đi (sink = null), loa không kêu.", "Sound goes nowhere (sink = null).")
_SET_CARD = Sentence('Muốn loa kêu: sound.sink = "card".', 'To be heard: sound.sink = "card".')
_NOT_OPEN = Sentence("Card không nhận âm thanh: {why}.", "The card takes no sound: {why}.")
_FREE_IT = Sentence(
    "Xem chương trình nào đang giữ card (`sudo fuser -v /dev/snd/*`), người dùng có trong nhóm audio không, card có "
    "nhận 48000 Hz không (`aplay -D plughw:0 -r 48000 -f S16_LE /dev/zero`).",
    "See which program holds the card (`sudo fuser -v /dev/snd/*`), whether the user is in the group audio, whether "
    "the card takes 48000 Hz (`aplay -D plughw:0 -r 48000 -f S16_LE /dev/zero`).",
)
_WRONG_PACE = Sentence(
    "Card nhận âm thanh không theo thời gian thực: {percent} % (phải gần 100 %).",
    "The card does not take sound at the pace of real time: {percent} % (should be near 100 %).",
)
_REAL_CARD = Sentence(
    "Đây không phải card thật, hoặc máy quá tải: chọn card khác bằng sound.device (xem `aplay -l`), xem `top`.",
    "This is no real card, or the machine is overloaded: choose another by sound.device (see `aplay -l`), see `top`.",
)
_GAPS = Sentence("Âm thanh bị ngắt {underruns} lần trong 2 giây.", "{underruns} gaps in 2 seconds of sound.")
_LESS_LOAD = Sentence(
    "Máy quá bận hoặc nguồn điện yếu: xem `top`, trên Raspberry Pi `vcgencmd get_throttled` (phải là 0x0).",
    "The machine is too busy or its power too weak: see `top`, on a Raspberry Pi `vcgencmd get_throttled` (should be "
    "0x0).",
)
_FLOWS = Sentence("Âm thanh chảy đều: {percent} % thời gian thực.", "Sound flows: {percent} % of real time.")
_AGENT_RUNS = Sentence(
    "Chương trình của loa đang chạy (tiến trình {pid}) và giữ card; không thử phát để khỏi ngắt nó.",
    "The agent runs (process {pid}) and has the card; the flow was not tried so as not to cut it.",
)
_STOP_IT = Sentence(
    "Xem `systemctl status loaxa-agent`; muốn thử: `sudo systemctl stop loaxa-agent` rồi chạy lại.",
    "See `systemctl status loaxa-agent`; to try it: `sudo systemctl stop loaxa-agent`, then run this again.",
)
