"""In which language an answer is given, and the switch."""

import threading

import httpx
import pytest
from starlette.datastructures import Headers

from controller.language import _, language, speak, speaking
from controller.rights import Role
from controller.web import shown
from controller.web.choice import chosen_language
from tests.controller.web.conftest import Site
from tests.controller.world import MONDAY_NOON, PASSWORD, TOWN, ZONE

VI, EN = "Đăng nhập", "Sign in"
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


@pytest.mark.parametrize(
    ("accepts", "cookie", "chosen"),
    [
        ("", "", "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "", "vi"),
        ("en-US,en;q=0.9,vi;q=0.1", "", "vi"),
        ("en-US,en;q=0.9", "", "en"),
        ("EN", "", "en"),
        ("fr,de;q=0.5", "", "vi"),
        ("fr,en;q=0.5", "", "en"),
        ("vi;q=0,en", "", "en"),
        ("vi; q=0.000,en", "", "en"),
        ("*", "", "vi"),
        (";;,,q=;=", "", "vi"),
        ("en", "loaxa_language=vi", "vi"),
        ("vi", "a=b; loaxa_language=en", "en"),
        ("en", "loaxa_language=../../etc", "en"),
    ],
)
def test_what_the_browser_asks_for(accepts: str, cookie: str, chosen: str) -> None:
    assert chosen_language(Headers({"accept-language": accepts, "cookie": cookie})) == chosen


def test_a_choice_holds_inside_its_answer_only() -> None:
    speak("en")
    assert language() == "vi", "there is no answer to speak in"
    with speaking("en"):
        assert _("Đăng nhập") == "Sign in"
        with speaking("xx"):
            assert language() == "vi"
        heard: list[str] = []
        other = threading.Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
        assert heard == ["vi"]
        speak("")
        assert language() == "en"
    assert language() == "vi"


def test_days_and_numbers() -> None:
    told = [shown.when(MONDAY_NOON, ZONE), shown.seconds(12_340), shown.whole(12_345), shown.duration(185_000)]
    assert told == ["12:00 Thứ Hai, 07/12/2026", "12,3", "12.345", "3 phút 05 giây"]
    with speaking("en"):
        told = [shown.when(MONDAY_NOON, ZONE), shown.seconds(12_340), shown.whole(12_345), shown.duration(185_000)]
    assert told == ["12:00 Monday, 7 December 2026", "12.3", "12,345", "3 min 05 s"]


def test_pages_and_problems_of_a_stranger(shared_site: Site) -> None:
    for headers, words, lang in (({}, VI, "vi"), (ENGLISH, EN, "en")):
        page = shared_site.stranger.get("/dang-nhap", headers=headers)
        assert f'<html lang="{lang}">' in page.text
        assert words in page.text
        assert page.headers["Content-Language"] == lang
    problem = shared_site.stranger.get("/api/v1/areas", headers=ENGLISH).json()
    assert problem["detail"] == "You are not signed in or your session has ended. Please sign in again."


def switch(client: httpx.Client, chosen: str, came_from: str = "/dang-nhap") -> httpx.Response:
    return client.post("/ngon-ngu", data={"language": chosen}, headers={"Referer": f"{client.base_url}{came_from}"})


def test_the_switch_of_a_stranger_leads_back(shared_site: Site) -> None:
    stranger = shared_site.stranger
    answer = switch(stranger, "en", "/dang-nhap?tiep=%2Fban-tin")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dang-nhap?tiep=%2Fban-tin")
    assert EN in stranger.get("/dang-nhap").text
    switch(stranger, "xx")
    assert VI in stranger.get("/dang-nhap", headers=ENGLISH).text


@pytest.mark.parametrize(
    "referer",
    ["", "https://example.org//example.org/", "http://x//evil.example/", "http://x/khong-co", "http://x/dang-xuat",
     "http://x/api/v1/session", "javascript:alert(1)", "http://[", "http://x/ngon-ngu"],
)  # fmt: skip
def test_a_page_that_cannot_be_asked_for_again_leads_home(shared_site: Site, referer: str) -> None:
    answer = shared_site.stranger.post("/ngon-ngu", data={"language": "vi"}, headers={"Referer": referer})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_another_site_cannot_switch(shared_site: Site) -> None:
    answer = shared_site.stranger.post("/ngon-ngu", data={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_the_choice_goes_with_the_person(site: Site) -> None:
    """Into every browser, whatever that one asks for; and it is recorded."""
    person = site.as_(Role.EDITOR, TOWN)
    assert switch(person, "en", "/").status_code == 303
    elsewhere = site.stranger
    elsewhere.headers["Accept-Language"] = "vi"
    assert VI in elsewhere.get("/dang-nhap").text
    assert elsewhere.sign_in(person.person.username, PASSWORD).is_success
    assert '<html lang="en">' in elsewhere.get("/").text
    assert '<html lang="vi">' in site.client.get("/").text, "another person's choice is their own"
    with site.world.store.read() as unit:
        (entry,) = (each for each in unit.audit.walk() if each.action == "person.language")
    assert (entry.who, entry.after) == (person.person.username, '{"language":"en"}')


def test_answers_at_the_same_time_do_not_mix(shared_site: Site) -> None:
    wrong: list[str] = []

    def ask(lang: str) -> None:
        with httpx.Client(base_url=shared_site.base, timeout=20) as client:
            for _n in range(25):
                page = client.get("/dang-nhap", headers={"Accept-Language": lang}).text
                if f'<html lang="{lang}">' not in page or ({"vi": EN, "en": VI}[lang] + "</button>") in page:
                    wrong.append(lang)

    threads = [threading.Thread(target=ask, args=(lang,)) for lang in ("vi", "en", "vi", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
