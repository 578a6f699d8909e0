"""Rotating and revoking the keys that sign, with the root here and with the root on another machine."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.cli import main
from controller.key_lists import newest, of_role
from controller.keys import NEXT, SIGNING_ROLES, KeysMissing, load_keys
from controller.renewal import Renewer
from protocol.belief import judge
from protocol.envelope import open_envelope
from protocol.judgement import Believed, Judgement, Trust
from protocol.keys import Role
from protocol.messages import BroadcastOrder, Config, Keys
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from protocol.versions import Version
from schedules.playhead import ClockTrust
from schedules.units import BroadcastId, SpeakerId
from tests.controller.world import TOWN, World

SPEAKER = SpeakerId("s-one")


class Listener:
    """A speaker as belief sees it: walks the key lists of the station and judges its documents."""

    def __init__(self, station: World) -> None:
        self.station, self.root = station, station.signer.root_public
        self.keys: Keys | None = None

    def walk(self) -> int:
        """Every list after the one that is held; returns the number of the last."""
        with self.station.store.read() as unit:
            lists = unit.site.key_lists()
        for version, payload in lists.items():
            if self.keys is None or version > self.keys.version:
                judged = self.judge(build(KeysTopic(version)), payload)
                assert isinstance(judged, Believed), judged
                assert isinstance(judged.message, Keys)
                self.keys = judged.message
        assert self.keys is not None
        return self.keys.version

    def judge(self, topic: str, payload: str) -> Judgement:
        with self.station.store.read() as unit:
            config = unit.places.config(SPEAKER)
        assert config is not None
        message = open_envelope(config.payload.encode()).message
        assert isinstance(message, Config)
        versions = {"keys": Version(0, self.keys.version)} if self.keys else {}
        trust = Trust(self.station.signer.site, SPEAKER, self.root, self.keys, message, versions)
        return judge(topic, payload.encode(), trust, self.station.now, ClockTrust.SYNCED)

    def believes(self, topic: str, payload: str) -> bool:
        return isinstance(self.judge(topic, payload), Believed)


def documents(station: World, broadcast: BroadcastId) -> dict[str, str]:
    """Topic → payload of the broadcast, its plan and the speaker's config."""
    with station.store.read() as unit:
        revision, config = unit.broadcasts.newest_revision(broadcast), unit.places.config(SPEAKER)
        assert revision is not None
        assert config is not None
        plans = unit.broadcasts.live_plans(station.now)
    found: dict[str, str] = {
        build(BroadcastTopic(AreaRoute(TOWN), broadcast)): revision.payload,
        build(SpeakerTopic(SPEAKER, CONFIG)): config.payload,
    }
    for day, routes in plans.items():
        found[f"loaxa/v1/areas/{TOWN}/plan/{day}"] = routes[f"areas/{TOWN}"].payload
    return found


def keys(station: World, *words: str) -> int:
    return main(["keys", *words, "--data", str(station.folder / "data")])


def key_of(station: World, role: Role) -> str:
    return load_keys(station.folder / "data" / "keys")[role].key_id


@pytest.fixture
def broadcast(station: World) -> BroadcastId:
    station.add_speaker(SPEAKER, TOWN)
    return station.tomorrow_at_five()


def test_the_first_list_names_its_root(station: World) -> None:
    with station.store.read() as unit:
        held = newest(unit)
    assert [each.public for each in of_role(held, Role.ROOT)] == [station.signer.root_public]


@pytest.mark.parametrize("role", [Role.SCHEDULE, Role.CONFIG])
def test_a_rotation_with_overlap(station: World, broadcast: BroadcastId, role: Role) -> None:
    """What was signed before is believed all the time; what is live is signed anew, byte for byte."""
    box, before, old = Listener(station), documents(station, broadcast), key_of(station, role)
    box.walk()
    station.settle()
    assert keys(station, "rotate", role.value) == 0
    after = documents(station, broadcast)
    assert all(box.believes(*each) for each in before.items())
    assert box.walk() == 2
    assert all(box.believes(*each) for each in before.items())
    assert all(box.believes(*each) for each in after.items())
    renewed = {topic for topic in after if after[topic] != before[topic]}
    assert renewed
    assert renewed | {"loaxa/v1/keys/2"} == station.dirty()
    for topic in renewed:
        assert open_envelope(after[topic].encode()).signed == open_envelope(before[topic].encode()).signed
    with station.store.read() as unit:
        assert next(iter(unit.outbox.next(1, ()))).topic == "loaxa/v1/keys/2"
    assert keys(station, "retire") == 0
    assert box.walk() == 3
    assert key_of(station, role) != old
    assert all(box.believes(*each) for each in documents(station, broadcast).items())
    assert not any(box.believes(topic, before[topic]) for topic in renewed)
    assert keys(station, "retire") == 2


def test_a_stolen_key_is_revoked_at_once(station: World, broadcast: BroadcastId) -> None:
    box, before = Listener(station), documents(station, broadcast)
    station.settle()
    assert keys(station, "revoke", "schedule") == 0
    box.walk()
    topic = build(BroadcastTopic(AreaRoute(TOWN), broadcast))
    assert not box.believes(topic, before[topic])
    assert all(box.believes(*each) for each in documents(station, broadcast).items())
    with station.store.read() as unit:
        waiting = [each.topic for each in unit.outbox.next(1000, ())]
    assert waiting.index(topic) < waiting.index("loaxa/v1/keys/2"), "signed anew before the old key goes"


def test_the_running_controller_signs_with_the_new_key_at_once(station: World, broadcast: BroadcastId) -> None:
    box = Listener(station)
    assert keys(station, "revoke", "schedule") == 0
    box.walk()
    later = station.tomorrow_at_five()
    topic = build(BroadcastTopic(AreaRoute(TOWN), later))
    assert box.believes(topic, documents(station, later)[topic])


def test_what_was_signed_in_the_moment_of_the_change_is_signed_anew_soon(
    station: World, broadcast: BroadcastId
) -> None:
    """As if the running controller had signed it after the command looked, and before it knew of the new key."""
    before = documents(station, broadcast)
    renewer = Renewer(station.signer)
    assert keys(station, "revoke", "schedule") == 0
    topic = build(BroadcastTopic(AreaRoute(TOWN), broadcast))
    with station.store.write() as unit:
        revision = unit.broadcasts.newest_revision(broadcast)
        assert revision is not None
        unit.broadcasts.put_payload(broadcast, type(revision)(
            revision.version, before[topic], revision.sha256, revision.expires
        ))  # fmt: skip
        renewer.turn(unit, station.now)
    box = Listener(station)
    box.walk()
    assert all(box.believes(*each) for each in documents(station, broadcast).items())


def test_a_new_root(station: World, broadcast: BroadcastId) -> None:
    box, first = Listener(station), station.signer.root_public
    assert keys(station, "rotate", "root") == 0
    assert station.signer.root_public != first
    assert box.walk() == 2
    assert keys(station, "rotate", "session") == 0
    assert box.walk() == 3
    fresh = Listener(station)  # its agent.toml pins the new root: the first list is not for it
    with station.store.read() as unit:
        lists = unit.site.key_lists()
    assert not fresh.believes("loaxa/v1/keys/1", lists[1])
    assert fresh.believes("loaxa/v1/keys/2", lists[2])
    assert fresh.believes("loaxa/v1/keys/3", lists[3])


def take_root_away(station: World, safe: Path) -> Path:
    safe.mkdir()
    kept = safe / "root.key"
    (station.folder / "data" / "keys" / "root.key").replace(kept)
    return kept


def test_with_the_root_on_another_machine(
    station: World, broadcast: BroadcastId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box, root = Listener(station), take_root_away(station, tmp_path / "safe")
    old = key_of(station, Role.EMERGENCY)
    file = tmp_path / "next.json"
    assert keys(station, "rotate", "emergency") == 2
    assert "--out" in capsys.readouterr().err
    assert keys(station, "rotate", "emergency", "--out", str(file)) == 0
    assert key_of(station, Role.EMERGENCY) == old, "nothing changes before the root has signed"
    assert keys(station, "take", str(file)) == 2
    assert main(["keys", "sign", str(file), "--root", str(root)]) == 0
    assert keys(station, "take", str(file)) == 0
    assert key_of(station, Role.EMERGENCY) != old
    assert box.walk() == 2
    assert keys(station, "take", str(file)) == 2, "a list is taken in once"
    capsys.readouterr()
    assert keys(station, "show") == 0
    told = capsys.readouterr().out
    assert "is kept elsewhere" in told
    assert "signs nothing any more; still believed" in told
    assert "0 of 1 speakers" in told


def test_a_new_root_made_elsewhere_is_signed_by_both(
    station: World, broadcast: BroadcastId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box, root = Listener(station), take_root_away(station, tmp_path / "safe")
    second, file = tmp_path / "safe" / "second.key", tmp_path / "next.json"
    assert main(["keys", "new-root", str(second)]) == 0
    public = capsys.readouterr().out.strip()
    assert main(["keys", "new-root", str(second)]) == 2, "a root is never written over"
    assert keys(station, "rotate", "root", "--root-public", public, "--out", str(file)) == 0
    assert main(["keys", "sign", str(file), "--root", str(root)]) == 0
    assert keys(station, "take", str(file)) == 2, "the new root has not signed"
    assert main(["keys", "sign", str(file), "--root", str(second)]) == 0
    assert keys(station, "take", str(file)) == 0
    assert station.signer.root_public == public
    assert box.walk() == 2


def refused(station: World, words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert keys(station, *words) == 2
    return capsys.readouterr().err


def test_what_is_no_list(station: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    assert "cannot be read" in refused(station, ["take", str(file)], capsys)
    file.write_text("{}")
    assert "no key list" in refused(station, ["take", str(file)], capsys)
    station.add_speaker(SPEAKER)
    with station.store.read() as unit:
        config = unit.places.config(SPEAKER)
    assert config is not None
    file.write_text(config.payload)
    assert "this is a config" in refused(station, ["take", str(file)], capsys)


def test_a_change_that_was_cut_off_is_put_back(station: World) -> None:
    """The files were changed, the list was never committed: the key that speakers know signs on."""
    folder = load_keys(station.folder / "data" / "keys")
    old = folder[Role.SCHEDULE].key_id
    folder.prepare(Role.SCHEDULE)
    folder.step(Role.SCHEDULE)
    assert load_keys(folder.folder)[Role.SCHEDULE].key_id != old
    assert keys(station, "show") == 0
    assert load_keys(folder.folder)[Role.SCHEDULE].key_id == old
    assert folder.path(Role.SCHEDULE, NEXT).exists()


def test_a_key_file_that_is_gone_is_named(station: World) -> None:
    folder = station.folder / "data" / "keys"
    for role in SIGNING_ROLES:
        assert (folder / f"{role.value}.key").stat().st_mode & 0o077 == 0
    (folder / "config.key").unlink()
    with pytest.raises(KeysMissing, match=r"config\.key"):
        load_keys(folder)


def test_a_broadcast_that_nobody_approved_in_this_form_is_not_signed_anew(
    station: World, broadcast: BroadcastId
) -> None:
    """The gate is asked again: what would not be signed today keeps its old signature, and goes with the old key."""
    with station.store.write() as unit:
        planned = unit.broadcasts.get(broadcast)
        assert planned is not None
        schedule = unit.broadcasts.schedule(planned.schedule)
        assert schedule is not None
        unit.broadcasts.put_schedule(type(schedule)(**{
            **{name: getattr(schedule, name) for name in schedule.__dataclass_fields__}, "volume": 1
        }))  # fmt: skip
    before = documents(station, broadcast)
    assert keys(station, "rotate", "schedule") == 0
    topic = build(BroadcastTopic(AreaRoute(TOWN), broadcast))
    assert documents(station, broadcast)[topic] == before[topic]
    message = open_envelope(before[topic].encode()).message
    assert isinstance(message, BroadcastOrder)
