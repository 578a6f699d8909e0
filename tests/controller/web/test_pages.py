"""Pages with and without htmx: the same route, the whole page or its part; words for every state."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest

from controller.desk.values import BroadcastPhase, NewBulletin, Preparation, PreparationState
from controller.web import words
from controller.web.level_line import drawing_of
from controller.web.pages.planning import first_day
from schedules.model import Priority
from schedules.states import PlaybackState
from tests.controller.web.conftest import HTMX, Plain
from tests.controller.world import ADMIN

PLAN = {"kind": "once", "day": "2026-11-23", "at": "17:30", "areas": ["a-1", "a-3"], "priority": "3", "volume": "80"}
EMERGENCY = PLAN | {"kind": "now", "priority": "1"}
PLACES = "thị trấn Đầm Hà, xã Quảng An"


@pytest.fixture
def bulletin(plain: Plain) -> str:
    return plain.desk.bulletin_from_text(NewBulletin("Lịch tiêm phòng"), "Kính mời UBND", ADMIN)


@pytest.mark.parametrize(("path", "part"), [("/", "today"), ("/cum-loa", "speakers"), ("/luot-phat/b-1", "broadcast")])
def test_whole_page_and_part(shared: Plain, path: str, part: str) -> None:
    whole = shared.client.get(path)
    assert whole.text.startswith("<!doctype html>")
    assert f'id="{part}"' in whole.text
    alone = shared.client.get(path, headers=HTMX | {"HX-Target": part})
    assert alone.text.lstrip().startswith(f'<div id="{part}"')
    assert "<html" not in alone.text


def test_compose_from_text(plain: Plain) -> None:
    fields = plain.form(title="Lịch tiêm phòng", content="text", text="Kính mời\r\nUBND", field="2")
    answer = plain.client.post("/ban-tin/moi", data=fields, files={"file": ("", b"")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ban-tin/n-1")
    assert plain.desk.made["n-1"].text == "Kính mời\nUBND"
    assert plain.desk.made["n-1"].field == 2
    quick = plain.client.post("/ban-tin/moi", data=fields, files={"file": ("", b"")}, headers=HTMX)
    assert (quick.status_code, quick.headers["HX-Redirect"]) == (204, "/ban-tin/n-2")


def test_compose_refused_keeps_what_was_typed(plain: Plain) -> None:
    fields = plain.form(title='Lịch <b>"tiêm"</b>', content="text", text=" ")
    answer = plain.client.post("/ban-tin/moi", data=fields, files={"file": ("", b"")})
    assert answer.status_code == 422
    assert "Văn bản đang trống" in answer.text
    assert 'Lịch <b>"tiêm"</b>' not in answer.text
    assert 'Lịch <b>"tiêm"</b>' in unescape(answer.text)
    notice = plain.client.post("/ban-tin/moi", data=fields, files={"file": ("", b"")}, headers=HTMX)
    assert notice.status_code == 422
    assert notice.headers["HX-Retarget"] == "#notices"
    assert 'data-field="text"' in notice.text


def test_how_it_will_be_read(plain: Plain) -> None:
    part = plain.client.post("/ban-tin/doc-la", data=plain.form(text="UBND xã"), headers=HTMX)
    assert "<mark>ủy ban nhân dân</mark> xã" in part.text
    without = plain.form(title="", content="text", text="UBND xã", step="preview")
    page = plain.client.post("/ban-tin/moi", data=without, files={"file": ("", b"")})
    assert page.text.startswith("<!doctype html>")
    assert "<mark>ủy ban nhân dân</mark> xã" in page.text
    assert not plain.desk.made


def test_understood_before_sending(plain: Plain, bulletin: str) -> None:
    url = f"/ban-tin/{bulletin}/lich"
    part = plain.client.post(url, data=plain.form(**PLAN, step="understand"), headers=HTMX)
    assert f"Phát tại {PLACES}" in part.text
    assert "<html" not in part.text
    page = plain.client.post(url, data=plain.form(**PLAN, step="understand"))
    assert page.status_code == 200
    assert f"Phát tại {PLACES}" in page.text
    assert 'value="17:30"' in page.text
    assert 'value="send"' in page.text
    assert not plain.desk.orders


def test_send(plain: Plain, bulletin: str) -> None:
    url = f"/ban-tin/{bulletin}/lich"
    answer = plain.client.post(url, data=plain.form(**PLAN, step="send"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/luot-phat/b-1")
    quick = plain.client.post(url, data=plain.form(**PLAN, step="send"), headers=HTMX)
    assert quick.headers["HX-Redirect"] == "/luot-phat/b-1"
    assert len(plain.desk.orders) == 2


def test_an_emergency_needs_the_places_confirmed(plain: Plain, bulletin: str) -> None:
    url = f"/ban-tin/{bulletin}/lich"
    part = plain.client.post(url, data=plain.form(**EMERGENCY, step="understand"), headers=HTMX).text
    assert f"Tôi xác nhận phát KHẨN CẤP tại: {PLACES}." in part
    refused = plain.client.post(url, data=plain.form(**EMERGENCY, step="send"))
    assert refused.status_code == 422
    assert "Hãy xác nhận nơi phát khẩn cấp" in refused.text
    assert not plain.desk.orders
    other = EMERGENCY | {"areas": ["a-1"], "confirmed_places": PLACES}
    assert plain.client.post(url, data=plain.form(**other, step="send")).status_code == 422
    confirmed = EMERGENCY | {"confirmed_places": PLACES}
    assert plain.client.post(url, data=plain.form(**confirmed, step="send")).status_code == 303
    assert len(plain.desk.orders) == 1


def test_a_confirmation_stays_ticked_only_for_its_places(plain: Plain, bulletin: str) -> None:
    url = f"/ban-tin/{bulletin}/lich"
    same = EMERGENCY | {"confirmed_places": PLACES, "step": "understand"}
    assert "checked" in plain.client.post(url, data=plain.form(**same), headers=HTMX).text
    fewer = same | {"areas": ["a-1"]}
    assert "checked" not in plain.client.post(url, data=plain.form(**fewer), headers=HTMX).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"areas": []}, "Hãy chọn ít nhất một địa bàn"),
        ({"areas": ["a-99"]}, "Không có địa bàn a-99"),
        ({"at": "25:00"}, "Giờ phát chưa đúng"),
        ({"day": ""}, "Ngày phát chưa đúng"),
        ({"day": "2020-01-01"}, "Giờ phát đã qua"),
        ({"kind": "sometimes"}, "Hãy chọn thời điểm phát"),
        ({"kind": "weekly"}, "Hãy chọn ít nhất một ngày trong tuần"),
        ({"priority": "9"}, "Hãy chọn mức ưu tiên"),
        ({"volume": "loud"}, "Âm lượng phải từ 0 đến 100"),
    ],
)
def test_what_cannot_be_sent(plain: Plain, bulletin: str, change: dict[str, object], sentence: str) -> None:
    fields = plain.form(**(PLAN | change), step="send")
    page = plain.client.post(f"/ban-tin/{bulletin}/lich", data=fields)
    assert page.status_code == 422
    assert sentence in page.text
    notice = plain.client.post(f"/ban-tin/{bulletin}/lich", data=fields, headers=HTMX)
    assert notice.status_code == 422
    assert sentence in notice.text
    assert not plain.desk.orders


def test_a_parent_stands_for_all_below(plain: Plain, bulletin: str) -> None:
    everything = PLAN | {"areas": ["a-2", "a-0", "a-1"]}
    part = plain.client.post(
        f"/ban-tin/{bulletin}/lich", data=plain.form(**everything, step="understand"), headers=HTMX
    )
    assert "Phát tại huyện Đầm Hà, âm lượng" in part.text


def test_what_was_measured_is_drawn_and_said(plain: Plain) -> None:
    page = plain.client.get("/luot-phat/b-1").text
    assert '<polygon points="0,60 0,18 1,18 1,22 2,22 2,60 3,60 3,19 4,19 4,60"/>' in page
    assert page.count("Mức âm từ -22 đến -18 dBFS, im tiếng 8 giây.") == 4  # seen and read out, of two that are over
    assert "-17,2 LUFS · âm lượng 60 % · hết lúc 16:55:31" in page
    assert "Nghe thấy ở loa (-12,5 dB)" in page
    assert "Micrô không nghe thấy loa" in page
    assert " style=" not in page


def test_a_long_line_is_drawn_in_few_columns_and_silence_is_said() -> None:
    long = drawing_of([-120] * 599 + [-7], 2)
    assert long.width == 120
    assert long.points.endswith("118,60 119,60 119,7 120,7 120,60")
    assert drawing_of([-120, -61], 1).sentence == "Không có tiếng từ đầu đến cuối."
    assert drawing_of([-120, -12], 1).points == "0,60 0,60 1,60 1,12 2,12 2,60"
    assert drawing_of([-20, -12], 1).sentence == "Mức âm từ -20 đến -12 dBFS, không lúc nào im tiếng."


@pytest.mark.parametrize(
    ("phase", "verb", "button"),
    [(BroadcastPhase.COMING, "huy", "Hủy lượt phát"), (BroadcastPhase.PLAYING, "dung", "Dừng phát")],
)
def test_the_two_buttons(plain: Plain, phase: BroadcastPhase, verb: str, button: str) -> None:
    plain.desk.phase = phase
    page = plain.client.get("/luot-phat/b-1").text
    assert button in page
    assert f'action="/luot-phat/b-1/{verb}"' in page
    part = plain.client.post(f"/luot-phat/b-1/{verb}", data=plain.form(), headers=HTMX | {"HX-Target": "broadcast"})
    assert part.text.lstrip().startswith('<div id="broadcast"')
    assert "12 trên 13 cụm loa đã xác nhận" in part.text
    assert "chờ xác nhận" in part.text
    answer = plain.client.post(f"/luot-phat/b-1/{verb}", data=plain.form())
    assert (answer.status_code, answer.headers["location"]) == (303, "/luot-phat/b-1")
    assert len(plain.desk.orders) == 2


def test_a_schedule_is_ended_after_it_was_asked_once_more(plain: Plain) -> None:
    """The same links and forms with and without JavaScript."""
    ask, words_of_it = "/luot-phat/b-1/ket-thuc-lich", "Lịch: thứ 2, 4, 6 hàng tuần lúc 17:00"
    once = plain.client.get("/luot-phat/b-1").text
    assert ask not in once
    assert "Lịch: " not in once
    plain.desk.recurring = True
    page = plain.client.get("/luot-phat/b-1").text
    assert words_of_it in page
    assert f'href="{ask}"' in page
    assert 'data-live="broadcast:b-1,schedule:h-1,speakers"' in page
    asked = plain.client.get(ask).text
    assert words_of_it in asked
    assert "mọi lượt sắp tới bị hủy" in asked
    assert f'method="post" action="{ask}"' in asked
    assert not plain.desk.orders, "asking ends nothing"
    assert plain.client.post(ask).status_code == 403, "without the token"
    answer = plain.client.post(ask, data=plain.form())
    assert (answer.status_code, answer.headers["location"]) == (303, "/luot-phat/b-1")
    assert plain.client.post(ask, data=plain.form(), headers=HTMX).headers["HX-Redirect"] == "/luot-phat/b-1"
    assert plain.desk.orders == [("end", "h-1")] * 2
    for path in ("/luot-phat/b-1", ask):
        ended = plain.client.get(path).text
        assert "Lịch đã kết thúc · 16:55" in ended
        assert 'action="' + ask not in ended
        assert 'id="end-schedule"' not in ended


def test_a_schedule_that_cannot_be_read_can_still_be_ended(plain: Plain) -> None:
    plain.desk.recurring, plain.desk.readable = True, False
    page = plain.client.get("/luot-phat/b-1").text
    assert "Lịch: " not in page
    assert 'id="end-schedule"' in page
    assert 'id="end"' in plain.client.get("/luot-phat/b-1/ket-thuc-lich").text


def test_every_state_has_its_word_on_the_page(plain: Plain) -> None:
    page = unescape(plain.client.get("/luot-phat/b-1").text)
    for state in PlaybackState:
        assert words.STATES[state] in page
    assert "Đang tải 60 %" in page
    assert "-0,4 ms" in page
    assert "-23,1 dBFS" in page
    assert "31,4 / 31,4 giây" in page
    assert "thiết bị âm thanh của loa không phát được" in page


def test_times_are_the_areas_own(plain: Plain) -> None:
    page = plain.client.get("/luot-phat/b-1").text
    assert "17:00" in page
    assert 'datetime="2026-11-23T17:00:00+07:00"' in page
    assert "Thứ Hai, 23/11/2026" in page


def test_another_day(plain: Plain) -> None:
    page = plain.client.get("/", params={"ngay": "2026-12-31"}).text
    assert "31/12/2026" in page
    assert 'href="/?ngay=2027-01-01"' in page
    wrong = plain.client.get("/", params={"ngay": "31/12"})
    assert wrong.status_code == 422
    assert "Hãy chọn ngày trên lịch" in wrong.text


def test_test_tone(plain: Plain) -> None:
    assert plain.client.post("/cum-loa/s-1/thu-loa", data=plain.form()).headers["location"] == "/cum-loa?thu=s-1"
    assert "Đã gửi tiếng thử tới Cụm loa thị trấn Đầm Hà" in plain.client.get("/cum-loa?thu=s-1").text
    notice = plain.client.post("/cum-loa/s-1/thu-loa", data=plain.form(), headers=HTMX)
    assert "notice-good" in notice.text
    assert plain.desk.orders == [("tone", "s-1")] * 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/khong-co", 404),
        ("/ban-tin/n-99", 404),
        ("/luot-phat/b-99", 404),
        ("/luot-phat/b-99/ket-thuc-lich", 404),
        ("/dang-xuat", 405),
    ],
)
def test_error_pages_say_what_to_do(shared: Plain, path: str, status: int) -> None:
    answer = shared.client.get(path)
    assert answer.status_code == status
    assert 'lang="vi"' in answer.text
    assert "Về trang Hôm nay" in answer.text


def test_the_player_may_jump(plain: Plain) -> None:
    answer = plain.client.get(f"/am-thanh/{'a' * 64}.ogg", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (206, b"OggS")
    assert answer.headers["content-type"] == "audio/ogg"


def test_words_are_complete() -> None:
    assert set(words.STATES) == set(words.TONES) == set(PlaybackState)
    assert set(words.PRIORITIES) == set(words.PRIORITY_HINTS) == set(Priority)


@pytest.mark.parametrize(("path", "part"), [("/", "today"), ("/cum-loa", "speakers"), ("/luot-phat/b-1", "broadcast")])
def test_a_live_part_stays_while_its_content_changes(shared: Plain, path: str, part: str) -> None:
    """Replaced as a whole it would lose the change that was told while it was fetching."""
    opening = shared.client.get(path).text.partition(f'<div id="{part}"')[2].partition(">\n")[0]
    assert 'hx-swap="innerHTML"' in opening
    assert f'hx-select="#{part} > *"' in opening


def test_the_player_takes_the_place_of_the_progress(plain: Plain, bulletin: str) -> None:
    done = plain.client.get(f"/ban-tin/{bulletin}", headers=HTMX | {"HX-Target": "prepared"})
    assert (done.headers["HX-Reselect"], done.headers["HX-Reswap"]) == ("#prepared", "outerHTML")
    assert "<audio" in done.text
    assert "data-live" not in done.text
    view = plain.desk.made[bulletin]
    failed = Preparation(PreparationState.FAILED, "", 30, "Tệp này không phải là tệp âm thanh.")
    plain.desk.made[bulletin] = replace(view, preparation=failed)
    assert plain.client.get(f"/ban-tin/{bulletin}", headers=HTMX | {"HX-Target": "prepared"}).headers["HX-Refresh"]
    assert "không phải là tệp âm thanh" in plain.client.get(f"/ban-tin/{bulletin}").text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "mai"])
def test_a_day_that_no_calendar_has_is_refused(shared: Plain, day: str) -> None:
    answer = shared.client.get("/", params={"ngay": day})
    assert answer.status_code == 422
    assert "Hãy chọn ngày trên lịch" in answer.text


@pytest.mark.parametrize(("hour", "day"), [(16, 23), (17, 24)])
def test_the_day_that_is_proposed_still_has_the_usual_time(hour: int, day: int) -> None:
    assert first_day(datetime(2026, 11, 23, hour, tzinfo=UTC)) == date(2026, 11, day)
