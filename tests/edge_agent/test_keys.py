"""Key lists on the box: missed ones, a rotation with overlap, a key revoked at once, a new root; restarts between."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.gaps import lists_between
from edge_agent.inbox import Inbox
from protocol.envelope import open_envelope
from protocol.judgement import Awaits
from protocol.keys import Role, SigningKey
from protocol.messages import BroadcastOrder
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from protocol.versions import Version
from schedules.states import PlaybackState, Reason
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.clips import chimed
from tests.rig.site import AREA, entry_of, order_of, revised, wait_until

S = PlaybackState


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedBox:
    return SimulatedBox(tmp_path, monkeypatch)


def hear_list(box: SimulatedBox, version: int, payload: bytes) -> None:
    """And judge again what waited for it, as the inbox does."""
    if box.take(build(KeysTopic(version)), payload).trust:
        box.clerk.judge_deferred(box.utc, box.clock.trust())


def new_key(box: SimulatedBox, role: Role, version: int, *, keep_old: bool) -> SigningKey:
    """The site signs with another key from now on; its list number `version` keeps the old one or not."""
    old = box.site.keys[role]
    box.site.keys[role] = SigningKey.generate()
    hear_list(box, version, box.site.key_list(version, *([entry_of(role, old)] if keep_old else [])))
    return old


def ready(box: SimulatedBox, start_in: int = 60_000, name: str = "b-1", seconds: int = 8) -> BroadcastOrder:
    clip = chimed(seconds)
    box.hold(clip)
    order = order_of(name, clip, box.utc + start_in)
    box.give(order)
    box.conductor.step_safely()
    assert box.state(order) is S.READY
    return order


def test_a_box_that_missed_lists_walks_them_in_order(box: SimulatedBox) -> None:
    """Five lists and a new root were made while it was away; they come in the worst order."""
    lists = {}
    for version in range(2, 7):
        signers = [box.site.root]
        if version == 4:
            box.site.root = SigningKey.generate()
            signers.append(box.site.root)
        box.site.keys[Role.SCHEDULE] = SigningKey.generate()
        lists[version] = box.site.key_list(version, by=tuple(signers))
    order = order_of("b-1", chimed(3), box.utc + 60_000)
    box.give(order)
    for version in (6, 4, 3, 5):
        hear_list(box, version, lists[version])
        assert box.store.keys_version == 1
    waiting = [kept.topic for kept in box.store.shelf.all(Awaits.CHAIN)]
    assert lists_between(1, waiting) == ["loaxa/v1/keys/2"]
    box.restart()
    hear_list(box, 2, lists[2])
    assert box.store.keys_version == 6
    assert box.state(order) is S.ACCEPTED
    assert box.counters.snapshot().get("refused_key", 0) == 0


def test_with_overlap_what_was_signed_before_stays_valid_until_it_is_renewed(box: SimulatedBox) -> None:
    order = ready(box)
    old = new_key(box, Role.SCHEDULE, 2, keep_old=True)
    assert not box.store.doubts(order.broadcast.id)
    before = box.site.seal(order, old)
    topic = build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id))
    box.give(order)  # signed anew, the very same bytes
    box.take(topic, before)  # replayed: must not take the new signature off
    box.restart()
    hear_list(box, 3, box.site.key_list(3))
    assert not box.store.doubts(order.broadcast.id)
    assert box.store.seen(f"broadcast:{order.broadcast.id}") == order.version
    box.pass_time(60_000)
    assert ("b-1",) in box.play(3_000)


def test_a_garbled_signature_beside_a_good_one_keeps_no_new_key_out(box: SimulatedBox) -> None:
    """Somebody on the broker adds the new key's name with noise to what the old key signed."""
    order = ready(box)
    old = new_key(box, Role.SCHEDULE, 2, keep_old=True)
    signed = open_envelope(box.site.seal(order, old, box.site.keys[Role.SCHEDULE]))
    fresh = signed.signatures[1]
    garbled = box.site.seal(order, old).replace(b"}]}", f'}},{{"key":"{fresh.key}","sig":"{"0" * 128}"}}]}}'.encode())
    box.take(build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), garbled)
    box.give(order)
    hear_list(box, 3, box.site.key_list(3))
    assert not box.store.doubts(order.broadcast.id)


def test_what_a_revoked_key_signed_does_not_play(box: SimulatedBox) -> None:
    """Whoever stole it has ordered something already; nobody signs that anew."""
    forged = ready(box, 2_000)
    new_key(box, Role.SCHEDULE, 2, keep_old=False)
    assert box.store.doubts(forged.broadcast.id)
    box.restart()
    sounded = box.play(forged.broadcast.latest_start - box.utc + 1_000)
    assert set(sounded) == {()}
    assert box.state(forged) is S.MISSED
    assert box.records(forged)[-1].reason is Reason.KEY


def test_what_the_site_signs_anew_plays_as_if_nothing_had_been(box: SimulatedBox) -> None:
    order = ready(box)
    new_key(box, Role.SCHEDULE, 2, keep_old=False)
    box.pass_time(30_000)
    box.conductor.step_safely()
    box.give(order)
    box.pass_time(30_000)
    heard = box.play(9_000)
    assert ("b-1",) in heard
    assert [record.state for record in box.records(order)][-2:] == [S.PLAYING, S.PLAYED]


def test_a_stolen_key_stands_in_nobodys_way_afterwards(box: SimulatedBox) -> None:
    """The thief used the highest epoch there is, on a broadcast of ours and on our config."""
    order = ready(box)
    high = Version(2**53 - 1, 1)
    box.give(replace(order, version=high, cancelled=False, title="Bị đánh cắp"))
    box.take(build(SpeakerTopic(box.site.speaker, CONFIG)), box.site.config(epoch=high.epoch, volume_max=100))
    assert box.store.epoch == high.epoch
    for number, role in enumerate((Role.SCHEDULE, Role.CONFIG), start=2):
        new_key(box, role, number, keep_old=False)
    box.give(order)
    box.configure(1)
    assert box.store.epoch == 1
    assert box.store.order(order.broadcast.id) == order
    box.restart()
    assert box.store.epoch == 1
    assert not box.store.doubts(order.broadcast.id)


def test_what_sounds_is_heard_to_its_end_when_it_is_signed_anew_in_time(box: SimulatedBox) -> None:
    """The new signatures leave before the list that takes the old key off; here they wait for it."""
    order = ready(box, 500)
    box.play(2_000)
    box.site.keys[Role.SCHEDULE] = SigningKey.generate()
    box.give(order)
    inbox = Inbox(box.clock, box.clerk, box.counters, lambda _mid, _qos: None, lambda _taken: None, lambda _why: None)
    inbox.start()
    inbox.put(build(KeysTopic(2)), box.site.key_list(2), 1, 1)
    wait_until(lambda: box.store.keys_version == 2 and not box.store.shelf.all(), 5, "the new list")
    inbox.stop()
    box.play(8_000)
    assert [record.state for record in box.records(order)][-2:] == [S.PLAYING, S.PLAYED]


def test_what_sounds_under_a_revoked_key_falls_silent(box: SimulatedBox) -> None:
    forged = ready(box, 500, seconds=12)
    box.play(2_000)
    new_key(box, Role.SCHEDULE, 2, keep_old=False)
    heard = box.play(9_000)
    assert heard[-1] == ()
    assert box.state(forged) is S.SUSPENDED
    box.give(forged)  # it was ours after all
    assert ("b-1",) in box.play(2_000)


def test_a_new_root_takes_over_and_the_old_one_is_nobody(box: SimulatedBox) -> None:
    first, box.site.root = box.site.root, SigningKey.generate()
    hear_list(box, 2, box.site.key_list(2, by=(first, box.site.root)))
    box.restart()
    hear_list(box, 3, box.site.key_list(3))
    assert box.store.keys_version == 3
    hear_list(box, 4, box.site.key_list(4, by=(first,)))
    assert box.store.keys_version == 3
    assert box.counters.snapshot()["refused_key"] == 1


def test_a_revision_is_believed_by_the_newest_key(box: SimulatedBox) -> None:
    order = ready(box)
    new_key(box, Role.SCHEDULE, 2, keep_old=True)
    box.give(revised(order, cancelled=True))
    box.conductor.step_safely()
    assert box.state(order) is S.CANCELLED
