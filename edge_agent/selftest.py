"""Plays a quiet sweep the way a bulletin is played, through the real sink, and judges what was measured of it."""

from pathlib import Path
from queue import Empty, SimpleQueue

from audio.levels import LevelMeter
from edge_agent.amplifier import powered
from edge_agent.clock import Clock
from edge_agent.database import DiskTrouble
from edge_agent.doctor.findings import Finding, Part, bad, doubt, well
from edge_agent.glance import glance
from edge_agent.lock import Occupied, held
from edge_agent.owner import become_owner
from edge_agent.player import Ended, Player, PlayerEvent
from edge_agent.settings import Settings, SoundSettings, load
from edge_agent.sinks.choice import make_sink
from edge_agent.sweep import SECONDS, Sweep
from edge_agent.voice import Order
from edge_agent.words import Sentence
from protocol.messages import Measured
from schedules.units import BroadcastId, DurationMs, UtcMs

SELF_TEST = BroadcastId("self-test")
_SOON_MS = 120_000
"""The test is over, and the agent up again, well before a broadcast that begins later than this."""
_SETTLE_NS = 1_000_000_000
_AHEAD_MS = 500
_OPENS_S = 5.0
_LIMIT_S = SECONDS + 8.0
_START_US = 5_000
_LEVEL_CDB = 100


def run(config: Path, clock: Clock) -> list[Finding]:
    """Refuses, as a finding, while an agent runs or a broadcast is due. Raises BadSettings."""
    become_owner(load(config).data)
    settings = load(config)
    try:
        with held(settings.data):
            return _unless_due(settings, clock)
    except Occupied as occupied:
        return [bad(Part.SOUND, "agent_runs", _AGENT_RUNS, _STOP_IT, pid=occupied.pid)]
    except (OSError, DiskTrouble) as error:
        return [bad(Part.DISK, "data", _NO_DATA, _ASK_DOCTOR, folder=settings.data, why=error)]


def _unless_due(settings: Settings, clock: Clock) -> list[Finding]:
    holds, now = glance(settings.data), clock.utc_ms()
    starts = [start for start, hard_end in (holds.due if holds else ()) if start < now + _SOON_MS and now < hard_end]
    if starts:
        seconds = max(0, (min(starts) - now) // 1000)
        return [bad(Part.SOUND, "due", _DUE, _LATER, seconds=seconds)]
    with powered(settings.amplifier, clock) as trouble:
        found = _judged(*_play(settings.sound, clock))
    return found if not trouble else [*found, bad(Part.SOUND, "amplifier", _NOT_POWERED, _LOOK_AT_HOOK, why=trouble)]


def _play(sound: SoundSettings, clock: Clock) -> tuple[Measured | None, str]:
    """What came out, None when it did not end; and what the sink said of a failure."""
    events: SimpleQueue[PlayerEvent] = SimpleQueue()
    player, sweep = Player(events.put), Sweep()
    sink = make_sink(clock, sound, player)
    try:
        sink.open()
        _wait_for_the_sink(player, clock)
        planned = UtcMs(clock.utc_ms() + _AHEAD_MS)
        player.arm(_order(planned), sweep)
        while True:
            event = events.get(timeout=_LIMIT_S)
            if isinstance(event, Ended):
                return event.measured, player.failure
    except Empty:
        return None, player.failure
    finally:
        sink.close()


def _wait_for_the_sink(player: Player, clock: Clock) -> None:
    """Until it asks for blocks, which a card does only after it has proven itself; then until its times are steady."""
    until = clock.monotonic_s() + _OPENS_S
    while not player.turns and clock.monotonic_s() < until:
        clock.sleep_until_ns(clock.monotonic_ns() + _SETTLE_NS // 20)
    clock.sleep_until_ns(clock.monotonic_ns() + _SETTLE_NS)


def _order(planned: UtcMs) -> Order:
    return Order(
        broadcast=SELF_TEST,
        planned=planned,
        due_ns=planned * 1_000_000,
        offset=DurationMs(0),
        content_ms=DurationMs(SECONDS * 1000),
        volume_percent=100,
        gain=1.0,
        join=False,
    )


def _judged(measured: Measured | None, failure: str) -> list[Finding]:
    if measured is None or not measured.frames:
        return [bad(Part.SOUND, "silent", _SILENT, _ASK_DOCTOR, why=failure or "-")]
    meter, sweep = LevelMeter(), Sweep()
    meter.add(sweep.pcm)
    whole = {"heard": measured.heard_ms, "content": measured.content_ms}
    level = {"level": f"{measured.level_cdb / 100:.1f}", "meant": f"{meter.level_cdb / 100:.1f}"}
    start = {"ms": f"{measured.start_error_us / 1000:+.2f}"}
    findings = [
        well(Part.SOUND, "whole", _WHOLE, **whole)
        if measured.heard_ms == measured.content_ms
        else bad(Part.SOUND, "cut", _CUT, _ASK_DOCTOR, **whole),
        well(Part.SOUND, "level", _LEVEL, **level)
        if abs(measured.level_cdb - meter.level_cdb) <= _LEVEL_CDB
        else bad(Part.SOUND, "level", _LEVEL, _ASK_DOCTOR, **level),
        well(Part.SOUND, "start", _START, **start)
        if abs(measured.start_error_us) <= _START_US
        else doubt(Part.SOUND, "start", _START, _LESS_LOAD, **start),
        doubt(Part.SOUND, "underruns", _GAPS, _LESS_LOAD, underruns=measured.underruns)
        if measured.underruns
        else well(Part.SOUND, "no_underruns", _NO_GAPS),
    ]
    return [*findings, well(Part.SOUND, "listen", _LISTEN)]


_AGENT_RUNS = Sentence("Chương trình của loa đang chạy (tiến trình {pid}).", "The agent runs (process {pid}).")
_STOP_IT = Sentence(
    "`sudo systemctl stop loaxa-agent`, thử lại, rồi `sudo systemctl start loaxa-agent`.",
    "`sudo systemctl stop loaxa-agent`, try again, then `sudo systemctl start loaxa-agent`.",
)
_NO_DATA = Sentence("Không dùng được {folder}: {why}.", "{folder} cannot be used: {why}.")
_ASK_DOCTOR = Sentence("Chạy `python -m edge_agent doctor`.", "Run `python -m edge_agent doctor`.")
_DUE = Sentence(
    "Sắp có chương trình ({seconds} giây nữa), không phát thử.",
    "A broadcast is due in {seconds} s, so nothing is played.",
)
_LATER = Sentence(
    "Khởi động lại chương trình của loa ngay, thử sau khi phát xong.",
    "Start the agent again now; test after it is over.",
)
_SILENT = Sentence("Không có âm thanh nào đi ra: {why}.", "No sound came out: {why}.")
_WHOLE = Sentence("Đã phát đủ {heard} ms.", "All {heard} ms came out.")
_CUT = Sentence("Chỉ phát được {heard} trên {content} ms.", "Only {heard} of {content} ms came out.")
_LEVEL = Sentence("Mức {level} dBFS (đúng ra {meant}).", "Level {level} dBFS (meant: {meant}).")
_START = Sentence("Bắt đầu lệch {ms} ms so với giờ định.", "It began {ms} ms off its time.")
_NO_GAPS = Sentence("Không bị ngắt quãng.", "There were no gaps.")
_GAPS = Sentence("Bị ngắt quãng {underruns} lần.", "There were {underruns} gaps.")
_LESS_LOAD = Sentence(
    "Máy quá bận hoặc nguồn điện yếu: xem `top`, trên Raspberry Pi `vcgencmd get_throttled` (phải là 0x0).",
    "The machine is too busy or its power too weak: see `top`, on a Raspberry Pi `vcgencmd get_throttled` (should be "
    "0x0).",
)
_NOT_POWERED = Sentence("Không bật được tăng âm: {why}.", "The amplifier could not be switched on: {why}.")
_LOOK_AT_HOOK = Sentence(
    "Xem mục `[amplifier]` trong tệp cấu hình và chạy thử lệnh hoặc chân GPIO đó.",
    "See `[amplifier]` in the config file and try its command or GPIO line by hand.",
)
_LISTEN = Sentence(
    "Có nghe thấy âm từ trầm lên cao trong 3 giây không? Nếu không: nguồn tăng âm, dây loa, âm lượng card "
    "(`alsamixer`).",
    "Did you hear it rise from low to high for 3 s? If not: power of the amplifier, wires, the card's volume "
    "(`alsamixer`).",
)
