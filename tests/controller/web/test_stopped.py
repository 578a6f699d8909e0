"""A controller that found itself out of date says so on every page, and refuses what it would have to sign."""

from collections.abc import Iterator

import pytest

from tests.controller.web.conftest import Site
from tests.controller.world import TOWN


@pytest.fixture
def stopped(site: Site) -> Iterator[Site]:
    site.world.add_speaker("s-one", TOWN)
    site.world.signer.stopped = True
    yield site
    site.world.signer.stopped = False


def test_every_page_says_so_and_what_to_do(stopped: Site) -> None:
    for page in ("/", "/cum-loa"):
        answer = stopped.client.get(page)
        assert answer.status_code == 200
        assert "python -m controller restore" in answer.text
    stopped.world.signer.stopped = False
    assert "python -m controller restore" not in stopped.client.get("/").text


def test_what_must_be_signed_is_refused_and_nothing_is_kept(stopped: Site) -> None:
    bulletin = stopped.world.bulletin()
    order = {"bulletin": bulletin, "when": {"kind": "now"}, "areas": [TOWN]}
    answer = stopped.client.post("/api/v1/schedules", json=order)
    assert (answer.status_code, answer.json()["code"]) == (503, "signing-stopped"), answer.text
    assert "python -m controller restore" in answer.json()["detail"]
    with stopped.world.store.read() as unit:
        assert unit.broadcasts.live_schedules() == ()
