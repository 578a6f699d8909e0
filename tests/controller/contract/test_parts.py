"""Programmes, templates, recordings and their retention over SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from audio.parts import Bed, Part, PartKind, Programme, added, moved, simple
from controller.clearing import Cleared, Clearing
from controller.desk.changes import Changes
from controller.desk.editing import EditedMeanwhile
from controller.desk.parts import Parts
from controller.desk.recording_shelf import Details, RecordingShelf, Wanted
from controller.desk.recordings import take
from controller.desk.refusal import Refusal
from controller.desk.templates import Templates
from controller.desk.values import NewBulletin, Person, PreparationState
from controller.rights import Role
from controller.store import schema
from controller.store.shelf import Shelves
from controller.store.values import RecordingKind
from schedules.model import BulletinState
from schedules.units import RecordingId, UtcMs
from tests.controller.world import ADMIN, COMMUNE, DAY_MS, DISTRICT, TOWN, World

TEXT = Part(PartKind.TEXT, text="Kính mời bà con", language="vi")


def handed_in(world: World, data: bytes, by: Person = ADMIN, **more: object) -> RecordingId:
    file = world.folder / "incoming"
    file.write_bytes(data)
    return take(world.room, file, "a\\b/Nhạc hiệu.mp3", by, **more)  # type: ignore[arg-type]


def refused(code: str, call: object, *arguments: object, **more: object) -> None:
    with pytest.raises(Refusal) as caught:
        call(*arguments, **more)  # type: ignore[operator]
    assert caught.value.code == code


def test_a_programme_comes_back_as_it_was(either: World) -> None:
    ident, music = handed_in(either, b"ident"), handed_in(either, b"music", kind=RecordingKind.MUSIC)
    programme = Programme(
        (
            Part(PartKind.IDENT, recording=ident),
            replace(TEXT, voice="vi-south", second_voice="vi", rate=90, pitch=110, bed=True),
            Part(PartKind.RECORDING, recording=ident, cuts=((0, 900), (1_000, 2_000)), language="ium", denoise=True),
            Part(PartKind.PAUSE, pause_ms=1_500, bed=True),
        ),
        Bed(music, -1_200),
    )
    made = Parts(either.room).make(NewBulletin("Chiều"), programme, ADMIN, prepare=True)
    with either.store.read() as unit:
        assert unit.parts.of(made) == programme
        bulletin = unit.bulletins.get(made)
        found = either.room.recordings.path(ident)
    assert found.read_bytes() == b"ident"
    assert bulletin is not None
    assert bulletin.text == "Kính mời bà con\n\n[Bản ghi: Nhạc hiệu]", "the approver reads all of it"
    assert either.desk.bulletin(made, ADMIN).preparation.state is PreparationState.WAITING


def test_the_later_of_two_editors_changes_nothing(either: World) -> None:
    bulletin = either.bulletin()
    desk = Parts(either.room)
    begun = desk.view(bulletin, ADMIN)
    longer = added(begun.programme, TEXT, 2)
    saved = desk.save(bulletin, begun.bulletin.version, longer, ADMIN)
    assert saved.version == begun.bulletin.version + 1
    with pytest.raises(EditedMeanwhile):
        desk.save(bulletin, begun.bulletin.version, simple(TEXT), ADMIN)
    view = desk.view(bulletin, ADMIN)
    assert view.programme == longer
    assert not view.length.known
    assert either.desk.bulletin(bulletin, ADMIN).preparation.state is PreparationState.EDITED
    desk.save(bulletin, saved.version, longer, ADMIN)
    assert desk.view(bulletin, ADMIN).bulletin.version == saved.version, "what is the same is no edit"
    desk.prepare(bulletin, ADMIN)
    assert either.desk.bulletin(bulletin, ADMIN).preparation.state is PreparationState.WAITING


def test_another_order_has_to_be_approved_anew(either: World) -> None:
    bulletin = either.bulletin()
    Changes(either.room).submit(bulletin, ADMIN)
    with either.store.read() as unit:
        approved = unit.bulletins.get(bulletin)
        on_air = unit.bulletins.on_air([bulletin])[bulletin]
    assert approved is not None
    assert approved.state is BulletinState.APPROVED
    desk = Parts(either.room)
    view = desk.view(bulletin, ADMIN)
    desk.save(bulletin, view.bulletin.version, moved(view.programme, 0, 1), ADMIN)
    with either.store.read() as unit:
        edited = unit.bulletins.get(bulletin)
        assert edited is not None
        assert edited.state is BulletinState.DRAFT
        assert unit.bulletins.on_air([bulletin])[bulletin] == on_air, "what is on air stays"


def test_an_unfinished_programme_is_kept_but_not_prepared(either: World) -> None:
    desk = Parts(either.room)
    made = Templates(either.room).begin(None, NewBulletin("Chiều"), ADMIN)
    refused("part-empty", desk.prepare, made, ADMIN)
    version = desk.view(made, ADMIN).bulletin.version
    unfinished = simple(Part(PartKind.RECORDING))
    refused("part-empty", desk.save, made, version, unfinished, ADMIN, prepare=True)
    desk.save(made, version, unfinished, ADMIN)
    assert [each.lacks for each in desk.view(made, ADMIN).parts] == ["", "recording", ""]


def test_parts_that_cannot_be_kept_are_refused_by_number(either: World) -> None:
    desk = Parts(either.room)
    for part, code in (
        (replace(TEXT, text="\0"), "bad-character"),
        (replace(TEXT, rate=10), "bad-manner"),
        (replace(TEXT, voice="v" * 99), "bad-name"),
        (Part(PartKind.PAUSE), "bad-pause"),
        (Part(PartKind.RECORDING, cuts=((5, 4),)), "bad-cuts"),
        (Part(PartKind.RECORDING, cuts=((0, 9), (8, 12))), "bad-cuts"),
        (replace(TEXT, text="a" * 20_001), "text-too-long"),
    ):
        refused(code, desk.make, NewBulletin("A"), Programme((TEXT, part)), ADMIN, prepare=False)
    refused("too-many-parts", desk.make, NewBulletin("A"), Programme((TEXT,) * 61), ADMIN, prepare=False)
    refused("no-parts", desk.make, NewBulletin("A"), Programme((Part(PartKind.CHIME),)), ADMIN, prepare=True)
    gone = Part(PartKind.RECORDING, recording=RecordingId("0" * 64))
    refused("unknown-recording", desk.make, NewBulletin("A"), Programme((gone,)), ADMIN, prepare=False)


def test_the_same_bytes_are_kept_once_and_seen_by_who_handed_them_in(either: World) -> None:
    town, commune = either.person(Role.EDITOR, TOWN), either.person(Role.EDITOR, COMMUNE)
    first = handed_in(either, b"sound", town, title="Lời chào")
    refused("unknown-recording", Parts(either.room).make, NewBulletin("A"), _of(first), commune, prepare=False)
    refused("forbidden", RecordingShelf(either.room).view, first, commune)
    assert handed_in(either, b"sound", commune) == first
    Parts(either.room).make(NewBulletin("A"), _of(first), commune, prepare=False)
    shown, _ = RecordingShelf(either.room).view(first, commune)
    assert shown.recording.title == "Lời chào"
    files = [each for each in (either.folder / "recordings").rglob("*") if each.is_file()]
    assert [each.name for each in files] == [first]
    assert not (either.folder / "incoming").exists()


def test_a_recording_of_the_district_is_there_for_its_communes(either: World) -> None:
    ident = handed_in(either, b"ident", either.person(Role.EDITOR, DISTRICT), kind=RecordingKind.IDENT)
    commune = either.person(Role.EDITOR, COMMUNE)
    assert [each.id for each in Parts(either.room).offered(commune)] == [ident]
    refused("forbidden", RecordingShelf(either.room).change, ident, _details("Của tôi"), commune)


def test_recordings_are_found_without_diacritics_by_kind_tag_and_language(either: World) -> None:
    first, second = handed_in(either, b"one", title="Nhạc hiệu đài"), handed_in(either, b"two", title="Họp thôn")
    shelf = RecordingShelf(either.room)
    shelf.change(first, _details("Nhạc hiệu đài", tags=("sáng", "đài"), language="ium"), ADMIN)

    def found(**asked: object) -> list[RecordingId]:
        return [each.recording.id for each in shelf.find(ADMIN, Wanted(**asked)).recordings]  # type: ignore[arg-type]

    assert found(words="hieu dai") == found(words="Nhạc hiệu đài") == found(words="sang") == [first]
    assert found(tag="đài") == found(language="ium") == found(kind=RecordingKind.IDENT) == [first]
    assert found(kind=RecordingKind.RECORDING) == [second]
    assert shelf.find(ADMIN, Wanted()).tags == ("sáng", "đài")


def test_an_expired_recording_is_not_offered_but_stays_where_it_is(either: World) -> None:
    ident = handed_in(either, b"ident", kind=RecordingKind.IDENT)
    made = Parts(either.room).make(NewBulletin("A"), _of(ident), ADMIN, prepare=False)
    shelf = RecordingShelf(either.room)
    shelf.change(ident, _details("Nhạc hiệu", expires=date(2026, 12, 6)), ADMIN)
    assert Parts(either.room).offered(ADMIN) == ()
    refused("recording-expired", Parts(either.room).make, NewBulletin("B"), _of(ident), ADMIN, prepare=False)
    view = Parts(either.room).view(made, ADMIN)
    assert view.parts[1].expired
    Parts(either.room).save(made, view.bulletin.version, added(view.programme, TEXT, 2), ADMIN)
    shelf.change(ident, _details("Nhạc hiệu", expires=date(2026, 12, 7)), ADMIN)
    assert [each.id for each in Parts(either.room).offered(ADMIN)] == [ident], "its last day is one of them"


def test_a_template_is_for_its_place_and_below(either: World) -> None:
    district, town = either.person(Role.EDITOR, DISTRICT), either.person(Role.EDITOR, TOWN)
    desk = Templates(either.room)
    ident = handed_in(either, b"ident", district)
    programme = Programme((Part(PartKind.IDENT, recording=ident), TEXT))
    kept = desk.keep(" Bản tin chiều ", programme, district)
    own = desk.keep("Riêng", programme, either.person(Role.EDITOR, COMMUNE))
    assert [each.name for each in desk.all(town)] == ["Bản tin chiều"]
    assert desk.may_retire(town) == frozenset()
    refused("forbidden", desk.retire, kept, town)
    refused("forbidden", desk.begin, own, NewBulletin("A"), town)
    refused("bad-template-name", desk.keep, " ", programme, town)
    made = desk.begin(kept, NewBulletin("A"), town)
    assert Parts(either.room).view(made, town).programme == programme
    desk.retire(kept, district)
    refused("unknown-template", desk.begin, kept, NewBulletin("A"), town)


def test_what_nobody_speaks_of_is_deleted_and_the_rest_is_not(either: World) -> None:
    """Clips: one on air, one only drafted, one replaced. Recordings: used, of a template, music, and nobody's."""
    on_air, drafted, replaced = either.bulletin(b"a" * 9), either.bulletin(b"b" * 9), either.bulletin(b"c" * 9)
    Changes(either.room).submit(on_air, ADMIN)
    gone_clip = either.clip_of(replaced)
    with either.store.write() as unit:
        unit.bulletins.set_clips(replaced, ())
    kept = {handed_in(either, b"used"), handed_in(either, b"template")}
    used, template = sorted(kept)
    Parts(either.room).make(NewBulletin("A"), _of(used), ADMIN, prepare=False)
    Templates(either.room).keep("Mẫu", _of(template), ADMIN)
    kept |= {handed_in(either, b"music", kind=RecordingKind.MUSIC)}
    nobodys, expired = handed_in(either, b"nobody's"), handed_in(either, b"old ident", kind=RecordingKind.IDENT)
    RecordingShelf(either.room).change(expired, _details("Cũ", expires=date(2026, 12, 8)), ADMIN)
    with either.store.write() as unit:
        for job in (on_air, drafted, replaced):
            unit.bulletins.move_job(job, state="done")
    clearing = Clearing(either.store, either.clips, either.room.recordings, 30)
    assert clearing.turn(UtcMs(either.now + 29 * DAY_MS)) == Cleared()
    found = clearing.turn(UtcMs(either.now + 40 * DAY_MS))
    assert found.clips == (gone_clip,)
    assert set(found.recordings) == {nobodys, expired}
    assert not either.clips.has(gone_clip)
    assert either.clips.has(either.clip_of(on_air))
    assert either.clips.has(either.clip_of(drafted))
    assert all(either.room.recordings.has(each) for each in kept)
    assert not either.room.recordings.has(nobodys)
    assert clearing.turn(UtcMs(either.now + 41 * DAY_MS)) == Cleared()


def test_what_was_approved_once_stays_for_ever_and_nothing_goes_while_a_sound_is_made(either: World) -> None:
    bulletin = either.bulletin(b"proof" * 9)
    proven = either.clip_of(bulletin)
    Changes(either.room).submit(bulletin, ADMIN)
    recording = handed_in(either, b"refused")
    failed = Parts(either.room).make(NewBulletin("Hỏng"), _of(recording), ADMIN, prepare=True)
    with either.store.write() as unit:
        unit.bulletins.set_clips(bulletin, ())
        unit.bulletins.put_on_air(bulletin, None)
        unit.bulletins.move_job(bulletin, state="done")
    later = UtcMs(either.now + 4_000 * DAY_MS)
    clearing = Clearing(either.store, either.clips, either.room.recordings, 1)
    assert clearing.turn(later) == Cleared(), "a job waits"
    with either.store.write() as unit:
        unit.bulletins.move_job(failed, state="failed")
    assert clearing.turn(later) == Cleared((), (recording,)), "nobody waits for a failed draft"
    assert either.clips.has(proven)
    with either.store.read() as unit:
        assert [part.recording for part in unit.parts.of(failed).parts] == [None, None, None]
        assert unit.connection.execute(sa.select(schema.recordings)).all() == []
        assert Shelves(unit.connection).uses() == {}
    assert Clearing(either.store, either.clips, either.room.recordings, 0).turn(later) == Cleared()


def _of(recording: RecordingId) -> Programme:
    return simple(Part(PartKind.RECORDING, recording=recording))


def _details(title: str, **more: object) -> Details:
    given = {"kind": RecordingKind.IDENT, "tags": (), "language": "", "expires": None} | more
    return Details(title, **given)  # type: ignore[arg-type]
