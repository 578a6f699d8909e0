"""The coarse line of levels: one value a second, bounded, and joined from stretches."""

import math
from array import array

from audio.line import LONGEST, Line, LineMeter, bounded, halved, joined

RATE = 48_000


def tone(seconds: float, peak: int) -> bytes:
    return array("h", (round(peak * math.sin(2 * math.pi * n / 48)) for n in range(int(seconds * RATE)))).tobytes()


def test_one_value_a_second_however_it_is_cut() -> None:
    sound = tone(1, 32_767) + bytes(RATE * 2) + tone(1.5, 3_277)
    for cut in (1_234, 1_920, 100_000, len(sound)):
        meter = LineMeter()
        for at in range(0, len(sound), cut):
            meter.add(sound[at : at + cut])
        assert meter.line() == Line((-3, -120, -23, -23), 1)


def test_a_rest_too_short_to_tell_has_no_value() -> None:
    meter = LineMeter()
    meter.add(tone(1.05, 32_767))
    assert meter.line().levels == (-3,)
    assert LineMeter().line() == Line()


def test_a_long_line_is_halved_and_each_value_stands_for_more() -> None:
    meter = LineMeter()
    second = tone(1, 32_767)
    for n in range(LONGEST + 3):
        meter.add(second if n < LONGEST // 2 else bytes(len(second)))
    line = meter.line()
    assert line.step_s == 2
    assert len(line.levels) == (LONGEST + 3 + 1) // 2
    assert line.levels[: LONGEST // 4] == (-3,) * (LONGEST // 4)
    assert set(line.levels[LONGEST // 4 :]) == {-120}


def test_halving_keeps_the_power() -> None:
    assert halved((-20, -20, -10, -120, -7)) == (-20, -13, -7)
    assert bounded(Line((-9,) * (4 * LONGEST), 1)) == Line((-9,) * LONGEST, 4)


def test_two_lines_become_one_of_the_longer_step() -> None:
    assert joined(Line(), Line((-5,), 4)) == Line((-5,), 4)
    assert joined(Line((-5, -5, -5), 1), Line((-9,), 2)) == Line((-5, -5, -9), 2)
    assert joined(Line((-9,), 2), Line((-5, -5, -5), 1)) == Line((-9, -5, -5), 2)
    full = Line((-6,) * LONGEST, 1)
    assert joined(full, full) == Line((-6,) * LONGEST, 2)
