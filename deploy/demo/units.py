"""The nine units of Đầm Hà of 2022, each of which gets one speaker in the demonstration."""

UNITS: tuple[tuple[str, str], ...] = (
    ("06895", "thị trấn Đầm Hà"),
    ("06898", "xã Quảng Lâm"),
    ("06901", "xã Quảng An"),
    ("06904", "xã Tân Bình"),
    ("06910", "xã Dực Yên"),
    ("06913", "xã Quảng Tân"),
    ("06916", "xã Đầm Hà"),
    ("06917", "xã Tân Lập"),
    ("06919", "xã Đại Bình"),
)
"""GSO code and full name, as `python -m controller seed dam-ha` lays them out."""
