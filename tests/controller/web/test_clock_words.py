"""What the speakers' page says of a speaker's clock."""

import pytest

from controller.web.clock_words import clock_lines


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        (("synced", "answer", 12, 40), ("theo giờ máy chủ, lệch nhiều nhất 0,1 giây",)),
        (("held", "ntp", 25_940, -999), ("theo dịch vụ giờ trên mạng (NTP), lệch nhiều nhất 25,9 giây",)),
        (
            ("held", "battery", 1_200, 3_600_000),
            (
                "theo đồng hồ chạy pin của máy, lệch nhiều nhất 1,2 giây",
                "Đồng hồ của máy nhanh 1 giờ 00 phút; loa tự bù, vẫn phát đúng giờ.",
            ),
        ),
        (("held", "none", 0, -65_000), ("Đồng hồ của máy chậm 1 phút 05 giây; loa tự bù, vẫn phát đúng giờ.",)),
        (("unknown", "none", 0, 0), ("Loa chưa biết giờ đúng nên chưa phát theo lịch; đang hỏi giờ máy chủ.",)),
        (("synced", "none", 0, 0), ()),
    ],
)
def test_a_clock_in_words(told: tuple[str, str, int, int], lines: tuple[str, ...]) -> None:
    assert clock_lines(*told) == lines
