"""The order of a programme: whatever is added, moved and removed, nothing else is lost or changes places."""

from hypothesis import given
from hypothesis import strategies as st

from audio import chime
from audio.estimate import Length, part_length, text_length, whole_length
from audio.parts import Bed, Part, PartKind, Programme, added, changed, heard_ms, moved, removed, script, simple
from audio.segments import BETWEEN_MS
from schedules.units import DurationMs, RecordingId
from tests.audio import sounds

TEXTS = st.text("abcđ", min_size=1, max_size=3)
PARTS = st.one_of(
    st.builds(Part, st.just(PartKind.TEXT), text=TEXTS),
    st.builds(Part, st.sampled_from([PartKind.CHIME, PartKind.CLOSING])),
    st.builds(Part, st.just(PartKind.PAUSE), pause_ms=st.integers(1, 9)),
)
PROGRAMMES = st.builds(lambda parts: Programme(tuple(parts)), st.lists(PARTS, max_size=6))


@given(PROGRAMMES, PARTS, st.integers(-2, 9))
def test_what_is_added_and_removed_again_leaves_all_as_it_was(programme: Programme, part: Part, at: int) -> None:
    longer = added(programme, part, at)
    place = min(max(0, at), len(programme.parts))
    assert longer.parts[place] == part
    assert removed(longer, place) == programme


@given(PROGRAMMES.filter(lambda each: each.parts), st.data())
def test_a_part_moves_and_comes_back_and_the_others_keep_their_order(programme: Programme, data: st.DataObject) -> None:
    number = st.integers(0, len(programme.parts) - 1)
    at, to = data.draw(number), data.draw(number)
    there = moved(programme, at, to)
    assert there.parts[to] == programme.parts[at]
    assert removed(there, to) == removed(programme, at)
    assert moved(there, to, at) == programme
    assert changed(programme, at, programme.parts[at]) == programme


@given(PROGRAMMES)
def test_the_script_has_every_word_in_order(programme: Programme) -> None:
    texts = [part.text for part in programme.parts if part.kind is PartKind.TEXT]
    assert script(programme, {}, "[{}]") == "\n\n".join(texts)


def test_a_script_names_the_recordings_between_the_texts() -> None:
    song = RecordingId("a" * 64)
    text = Part(PartKind.TEXT, text="Kính mời bà con. ")
    whole = Programme((text, Part(PartKind.RECORDING, recording=song), text))
    assert (
        script(whole, {song: "Lời chào"}, "[Bản ghi: {}]")
        == "Kính mời bà con.\n\n[Bản ghi: Lời chào]\n\nKính mời bà con."
    )
    assert script(simple(text), {}, "{}") == "Kính mời bà con. ", "a single text is exactly what was written"
    assert script(simple(whole.parts[1]), {song: "x"}, "{}") == ""


def test_only_one_text_or_recording_between_the_chimes_is_simple() -> None:
    text = Part(PartKind.TEXT, text="a")
    programme = simple(text)
    assert programme.simple == text
    for other in (
        added(programme, text, 1),
        moved(programme, 0, 1),
        removed(programme, 0),
        simple(Part(PartKind.PAUSE)),
    ):
        assert other.simple is None
    song = RecordingId("a" * 64)
    assert Programme(programme.parts, Bed(song)).simple is None
    assert Programme((Part(PartKind.IDENT, recording=RecordingId("b" * 64)),), Bed(song)).recordings == {song, "b" * 64}


def test_cuts_end_where_the_recording_does() -> None:
    part = Part(PartKind.RECORDING, cuts=((0, 1_000), (4_000, 9_000), (12_000, 13_000)))
    assert heard_ms(part, DurationMs(6_000)) == 3_000
    assert heard_ms(Part(PartKind.RECORDING), DurationMs(6_000)) == 6_000


def test_the_estimate_knows_the_chimes_and_the_joints() -> None:
    programme = Programme((Part(PartKind.CHIME), Part(PartKind.PAUSE, pause_ms=500), Part(PartKind.CLOSING)))
    lengths = [part_length(part, "", {}) for part in programme.parts]
    assert [each.duration for each in lengths] == [len(chime.opening_pcm()) // 96, 500, len(chime.closing_pcm()) // 96]
    assert whole_length(programme, lengths).known
    text = Part(PartKind.TEXT, text="a")
    bare = [Length(DurationMs(0), known=True)] * 2
    assert whole_length(Programme((text, text)), bare).duration == BETWEEN_MS
    assert whole_length(Programme((Part(PartKind.CHIME), text)), bare).duration == chime.JOINT_MS


def test_a_text_is_estimated_within_a_fifth_of_what_the_voice_takes() -> None:
    rate, pcm = sounds.speech()
    told = text_length(sounds._TEXT)
    assert not told.known
    assert abs(told.duration - len(pcm) / 2 / rate * 1000) < 0.2 * told.duration
