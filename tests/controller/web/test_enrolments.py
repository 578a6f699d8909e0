"""Boxes that ask to be taken in: what they may, what staff see and do, and what a flood cannot."""

import re
from dataclasses import asdict
from html import unescape

import pytest

from controller.broker.passwords import verify_password
from controller.desk.reception import MOST_OF_A_NETWORK, MOST_WAITING, WAITING_MS, forget_enrolments, who_leaves
from controller.desk.refusal import Refusal
from controller.locality import atlas
from controller.records import take_record, take_status
from controller.rights import Role
from controller.store.enrolments import Enrolment
from protocol.enrolment import Answer, NotGenuine, SealingKey, open_answer
from protocol.topics import PlaybackTopic
from schedules.states import PlaybackState
from schedules.units import AreaId, SpeakerId, UtcMs
from tests.controller.web.conftest import Site
from tests.controller.world import COMMUNE, TOWN, ZONE
from tests.rig.knocking import NewBox


def text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def accepted(site: Site, box: NewBox, area: AreaId = TOWN) -> SpeakerId:
    body = {"code": box.code, "area": area, "name": "Cụm loa mới"}
    answer = site.client.post(f"/api/v1/enrolments/{box.offer.enrolment}/accept", json=body)
    assert answer.status_code == 201, answer.text
    return SpeakerId(answer.json()["speaker"])


def test_a_box_is_compared_placed_and_given_its_own_credential(site: Site) -> None:
    there = site.world.add_speaker("there", TOWN)
    broadcast = site.world.tomorrow_at_five(TOWN)
    box = NewBox(site.stranger).waits()
    [listed] = site.client.get("/api/v1/enrolments").json()
    assert (listed["code"], listed["hostname"], listed["source"]) == (box.code, "raspberrypi", "127.0.0.1")
    speaker = accepted(site, box)
    grant = box.grant()
    assert grant.speaker == speaker
    assert (grant.host, grant.port, grant.tls, grant.ca_pem) == ("", 1883, False, "")
    with site.world.store.read() as unit:
        role, hashed = unit.places.broker_user(speaker) or ("", "")
        kept = unit.places.speaker(speaker)
        assert {each.speaker for each in unit.playbacks.of_broadcasts([broadcast])} == {there, speaker}
        assert unit.places.config(speaker) is not None
    assert role == "speaker"
    assert verify_password(grant.password, hashed)
    assert kept is not None
    assert kept.public_key == box.key.public_hex
    assert site.client.get("/api/v1/enrolments").json() == []
    assert site.client.get("/api/v1/audit").json()["entries"][0]["action"] == "speaker.enrol"
    with pytest.raises(NotGenuine):
        open_answer(Answer.of(box.reveal().json()["answer"]), box.offer, box.said, SealingKey.generate())


def test_only_the_right_code_takes_it_in_and_only_once(site: Site) -> None:
    box = NewBox(site.stranger).waits()
    path, body = f"/api/v1/enrolments/{box.offer.enrolment}", {"area": TOWN, "name": "Mới"}
    wrong = str((int(box.code) + 1) % 10**8).zfill(8)
    refused = site.client.post(f"{path}/accept", json={**body, "code": wrong})
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong-code")
    spaced = f"{box.code[:4]} {box.code[4:]}"
    assert site.client.post(f"{path}/accept", json={**body, "code": spaced}).status_code == 201
    again = site.client.post(f"{path}/accept", json={**body, "code": box.code})
    assert (again.status_code, again.json()["code"]) == (409, "decided")
    assert site.client.post(f"{path}/reject").status_code == 409


def test_a_box_is_not_shown_before_it_proved_its_key(site: Site) -> None:
    box = NewBox(site.stranger)
    assert box.knock().status_code == 201
    assert site.client.get("/api/v1/enrolments").json() == []
    body = {"code": "", "area": TOWN, "name": "Mới"}
    assert site.client.post(f"/api/v1/enrolments/{box.offer.enrolment}/accept", json=body).status_code == 404
    stranger = NewBox(site.stranger, nonce=box.nonce)
    stranger.offer = box.offer
    assert (stranger.reveal().status_code, stranger.reveal().json()["code"]) == (403, "not-proven")
    assert box.reveal(box_nonce="ab" * 32).status_code == 403
    committed, box.nonce = box.nonce, "ab" * 32
    assert box.reveal().status_code == 403, "a number chosen after the controller's, though well signed"
    box.nonce = committed
    assert site.client.get("/api/v1/enrolments").json() == []
    box.reveal()
    assert len(site.client.get("/api/v1/enrolments").json()) == 1


def test_who_is_turned_away_hears_it_and_an_hour_is_an_hour(site: Site) -> None:
    one, other = NewBox(site.stranger).waits(), NewBox(site.stranger).waits()
    assert site.client.post(f"/api/v1/enrolments/{one.offer.enrolment}/reject").status_code == 204
    assert one.reveal().json() == {"state": "rejected", "answer": None}
    site.world.now = UtcMs(site.world.now + WAITING_MS)
    assert other.reveal().status_code == 404
    assert site.client.get("/api/v1/enrolments").json() == []
    with site.world.store.write() as unit:
        forget_enrolments(unit, site.world.now)
        assert unit.changes == {"enrolments"}
        forget_enrolments(unit, site.world.now)
        assert unit.enrolments.forget(UtcMs(site.world.now + WAITING_MS)) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"public_key": "x"}, {"sealing_key": "00" * 32}, {"hostname": "a" * 65}, {"hostname": "a\n"}, {"more": ""}],
)
def test_what_is_no_request_is_refused(shared_site: Site, wrong: dict[str, str]) -> None:
    body = {**asdict(NewBox(shared_site.stranger).ask), **wrong}
    assert shared_site.stranger.post("/api/v1/enrolments", json=body).status_code == 422


def test_one_network_can_neither_fill_the_page_nor_knock_for_ever(site: Site) -> None:
    statuses = [NewBox(site.stranger).knock().status_code for _ in range(MOST_OF_A_NETWORK + 1)]
    assert statuses == [201] * MOST_OF_A_NETWORK + [429]
    many = [NewBox(site.stranger).knock() for _ in range(15)]
    assert many[-1].json()["code"] == "too-many-requests"
    with site.world.store.read() as unit:
        assert len(unit.enrolments.waiting(site.world.now)) == MOST_OF_A_NETWORK


def test_a_flood_pushes_out_its_own() -> None:
    def asked(name: str, network: str, made: int) -> Enrolment:
        return Enrolment(name, None, network, "", UtcMs(made), UtcMs(10**6))  # type: ignore[arg-type]

    honest = [asked("honest", "198.51.100.1", 0)]
    flood = [asked(f"f-{n}", f"203.0.113.{n % 5}", n) for n in range(MOST_WAITING - 2)]
    assert who_leaves([*honest, *flood], "192.0.2.1") is None
    assert who_leaves([*honest, *flood, asked("f-x", "203.0.113.0", 99)], "192.0.2.1") == "f-0"
    singles = [asked(f"s-{n}", f"net-{n}", n) for n in range(MOST_WAITING)]
    with pytest.raises(Refusal):
        who_leaves(singles, "192.0.2.1")


def test_a_technician_places_boxes_in_their_own_places_only(site: Site) -> None:
    box = NewBox(site.stranger).waits()
    technician = site.as_(Role.TECHNICIAN, TOWN)
    path = f"/api/v1/enrolments/{box.offer.enrolment}/accept"
    body = {"code": box.code, "name": "Mới"}
    theirs = site.world.add_speaker("theirs", COMMUNE)
    assert technician.post(path, json={**body, "area": COMMUNE}).status_code == 403
    swap = {"enrolment": box.offer.enrolment, "code": box.code}
    assert technician.post(f"/api/v1/speakers/{theirs}/replace", json=swap).status_code == 403
    assert technician.post(f"/api/v1/speakers/{theirs}/revoke").status_code == 403
    assert technician.post(path, json={**body, "area": "nowhere"}).status_code == 422
    assert technician.post(path, json={**body, "area": TOWN}).status_code == 201


def test_a_revoked_box_is_believed_no_more_and_another_takes_its_place(site: Site) -> None:
    world, technician = site.world, site.as_(Role.TECHNICIAN, TOWN)
    speaker = world.add_speaker("one", TOWN)
    broadcast = world.tomorrow_at_five(TOWN)
    told: list[frozenset[str]] = []
    world.store.on_commit(told.append)
    assert technician.post(f"/api/v1/speakers/{speaker}/revoke").status_code == 204
    assert any("broker-users" in changes for changes in told)
    record = world.record(speaker, 1, broadcast, PlaybackState.ACCEPTED)
    with world.store.write() as unit:
        assert unit.places.broker_user(speaker) is None
        assert unit.playbacks.of_broadcasts([broadcast]) == ()
        assert atlas(unit, ZONE).at(world.now).where[speaker] == TOWN
        assert take_record(unit, world.signer.site, PlaybackTopic(speaker, broadcast), record, world.now) is None
        take_status(unit, speaker, world.status(speaker), world.now)
        assert unit.places.status(speaker) is None
    page = text(technician.get(f"/cum-loa/{speaker}").text)
    assert "Hộp của cụm loa này đã bị thu hồi" in page
    assert "Đã thu hồi hộp" in text(technician.get("/cum-loa").text)
    box = NewBox(site.stranger).waits()
    assert f"/cum-loa/moi/{box.offer.enrolment}?thay={speaker}" in technician.get(f"/cum-loa/{speaker}").text
    swap = {"enrolment": box.offer.enrolment, "code": box.code}
    assert technician.post(f"/api/v1/speakers/{speaker}/replace", json=swap).status_code == 204
    assert box.grant().speaker == speaker
    theirs = world.record(speaker, 1, broadcast, PlaybackState.ACCEPTED)
    world.speakers[speaker] = box.key
    ours = world.record(speaker, 1, broadcast, PlaybackState.ACCEPTED)
    with world.store.write() as unit:
        assert [each.speaker for each in unit.playbacks.of_broadcasts([broadcast])] == [speaker]
        assert take_record(unit, world.signer.site, PlaybackTopic(speaker, broadcast), theirs, world.now) is None
        assert take_record(unit, world.signer.site, PlaybackTopic(speaker, broadcast), ours, world.now) is not None


def test_the_pages_of_a_new_box(site: Site) -> None:
    technician = site.as_(Role.TECHNICIAN, TOWN)
    assert "Chưa có hộp loa nào xin vào" in technician.get("/cum-loa/moi").text
    box, wrong = NewBox(site.stranger, hostname="loa<b>").waits(), NewBox(site.stranger).waits()
    spaced = f"{box.code[:4]} {box.code[4:]}"
    listed = technician.get("/cum-loa/moi").text
    assert spaced in text(listed)
    assert "loa<b>" not in listed
    page = f"/cum-loa/moi/{box.offer.enrolment}"
    shown = technician.get(page).text
    assert f'value="{TOWN}"' in shown
    assert f'value="{COMMUNE}"' not in shown
    form = {"csrf_token": technician.csrf, "name": "Cụm loa chợ", "area": TOWN}
    unticked = technician.post(f"{page}/nhan", data=form)
    assert unticked.status_code == 422
    assert "so mã với mã hộp loa đọc" in text(unticked.text)
    assert "Cụm loa chợ" in unticked.text
    taken = technician.post(f"{page}/nhan", data={**form, "code": box.code}, follow_redirects=True)
    assert "Đã nhận hộp loa" in text(taken.text)
    speaker = box.grant().speaker
    gone = technician.get(page)
    assert gone.status_code == 409
    turned = technician.post(
        f"/cum-loa/moi/{wrong.offer.enrolment}/tu-choi", data={"csrf_token": technician.csrf}, follow_redirects=True
    )
    assert "Đã từ chối hộp loa" in text(turned.text)
    third = NewBox(site.stranger).waits()
    path, form = f"/cum-loa/moi/{third.offer.enrolment}/thay", {"csrf_token": technician.csrf, "code": third.code}
    assert technician.post(path, data=form).status_code == 422
    swapped = technician.post(path, data={**form, "speaker": speaker}, follow_redirects=True)
    assert "Đã thay hộp loa" in text(swapped.text)
    assert third.grant().speaker == speaker
    unsure = technician.post(f"/cum-loa/{speaker}/thu-hoi", data={"csrf_token": technician.csrf})
    assert unsure.status_code == 422
    revoked = technician.post(
        f"/cum-loa/{speaker}/thu-hoi", data={"csrf_token": technician.csrf, "sure": "1"}, follow_redirects=True
    )
    assert "Đã thu hồi hộp loa" in text(revoked.text)
