"""Whatever broadcasts meet on a box, and whatever befalls it: what must hold of what came out."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.model import Broadcast, Priority, StartRule
from schedules.states import FINAL, PlaybackState, Reason
from schedules.timeline import simulate
from schedules.units import BroadcastId, UtcMs
from tests.schedules.box import Box, Fate, Sound
from tests.schedules.make import broadcast

LATER = 1_000
INSTANTS = st.integers(0, LATER)
LEADS = st.sampled_from([0, 0, 1, 50, 300])
DURATIONS = st.one_of(st.integers(1, 3), st.integers(1, 400))


def broadcast_named(fate: Fate, number: int) -> Broadcast:
    return replace(fate.what, id=BroadcastId(f"b{number}"))


@st.composite
def fates(draw: st.DrawFn) -> Fate:
    what = broadcast(
        "?",
        start=draw(INSTANTS),
        duration=draw(DURATIONS),
        priority=draw(st.sampled_from(Priority)),
        rule=draw(st.sampled_from(StartRule)),
        grace=draw(st.integers(0, 300)),
        margin=draw(st.integers(0, 200)),
        order=draw(st.integers(0, 1)),
    )
    told = draw(st.one_of(st.just(0), INSTANTS))
    media = draw(st.one_of(st.just(told), st.none(), INSTANTS))
    withdrawn = draw(st.one_of(st.none(), st.none(), INSTANTS))
    return Fate(what, told, None if media is None else max(media, told), withdrawn)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    several = draw(st.lists(fates(), min_size=1, max_size=6))
    named = [
        Fate(broadcast_named(fate, number), fate.told, fate.media, fate.withdrawn)
        for number, fate in enumerate(several)
    ]
    begin = draw(INSTANTS)
    unknown = range(begin, begin + draw(st.one_of(st.just(0), st.integers(1, 600))))
    return Box(named, draw(LEADS), unknown, draw(st.lists(INSTANTS, max_size=4)))


def run(box: Box) -> Box:
    box.run(until=10 * LATER)
    return box


def by_broadcast(box: Box) -> dict[str, list[Sound]]:
    found: dict[str, list[Sound]] = {}
    for sound in box.sounds:
        found.setdefault(sound.what.id, []).append(sound)
    return found


@settings(max_examples=400, deadline=None)
@given(boxes())
def test_what_comes_out(box: Box) -> None:
    run(box)
    sounds = sorted(box.sounds, key=lambda sound: (sound.begin, sound.end))
    for before, after in pairwise(sounds):
        assert before.end <= after.begin, "at most one sounds"
    for stretches in by_broadcast(box).values():
        first, what = stretches[0], stretches[0].what
        assert what.start <= first.begin <= what.latest_start
        assert sum(each.end - each.begin for each in stretches) <= what.duration
        for stopped, resumed in pairwise(stretches):
            assert resumed.offset == stopped.offset + stopped.end - stopped.begin
        for each in stretches:
            # With an unknown clock what plays goes on until its own end.
            assert each.end <= what.hard_end or what.hard_end in box.unknown


@settings(max_examples=400, deadline=None)
@given(boxes())
def test_everything_ends_once_and_with_a_reason(box: Box) -> None:
    run(box)
    assert set(box.held) == {fate.what.id for fate in box.fates}
    for held in box.held.values():
        assert held.state in FINAL
        state, reason = box.ends[held.broadcast.id]
        assert (reason is Reason.NONE) == (state is PlaybackState.PLAYED)
        heard = sum(each.end - each.begin for each in by_broadcast(box).get(held.broadcast.id, []))
        assert (state is PlaybackState.PLAYED) <= (heard * 100 >= held.broadcast.duration * 99)
        if state in (PlaybackState.MISSED, PlaybackState.CANCELLED):
            assert heard == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(fates(), max_size=6), LEADS)
def test_the_forecast_is_what_an_undisturbed_box_plays(several: list[Fate], lead: int) -> None:
    ideal = [Fate(broadcast_named(fate, number), 0, 0, None) for number, fate in enumerate(several)]
    box = run(Box(ideal, lead, range(0), []))
    slots = simulate([fate.what for fate in ideal], UtcMs(0), UtcMs(10 * LATER))
    said = sorted((slot.begin, slot.end, slot.broadcast, slot.offset) for slot in slots if slot.end > slot.begin)
    assert said == sorted((s.begin, s.end, s.what.id, s.offset) for s in box.sounds if s.end > s.begin)
    finals = {slot.broadcast: (slot.outcome, slot.reason) for slot in slots if slot.outcome in FINAL}
    assert finals == box.ends
