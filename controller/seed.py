"""The seed customer: huyện Đầm Hà of 2022, one district with nine units (GSO codes)."""

from datetime import date, time

from controller.acts import record_command
from controller.store.unit import Store
from schedules.model import Area, AreaSettings, QuietHours
from schedules.units import AreaId, UtcMs

DISTRICT = AreaId("dam-ha")
ZONE = "Asia/Ho_Chi_Minh"
SINCE = date(2022, 1, 1)
QUIET = QuietHours(time(21, 0), time(5, 0))

UNITS: tuple[tuple[str, str, str], ...] = (
    ("06895", "thị trấn", "Đầm Hà"),
    ("06898", "xã", "Quảng Lâm"),
    ("06901", "xã", "Quảng An"),
    ("06904", "xã", "Tân Bình"),
    ("06910", "xã", "Dực Yên"),
    ("06913", "xã", "Quảng Tân"),
    ("06916", "xã", "Đầm Hà"),
    ("06917", "xã", "Tân Lập"),
    ("06919", "xã", "Đại Bình"),
)
"""GSO code, kind, name: the town of Đầm Hà is not the commune of Đầm Hà."""


def dam_ha(demo: bool) -> tuple[Area, ...]:
    """The district and its units; a demonstration has no quiet hours and may be run by one person."""
    settings = AreaSettings(
        time_zone=ZONE,
        quiet_hours=() if demo else (QUIET,),
        one_person_station=demo,
        night_allowed=demo or None,
    )
    district = Area(DISTRICT, None, "Đầm Hà", "huyện", SINCE, settings=settings)
    units = (Area(AreaId(f"dam-ha-{code}"), DISTRICT, name, kind, SINCE, code=code) for code, kind, name in UNITS)
    return (district, *units)


def seed_dam_ha(store: Store, demo: bool, now: UtcMs) -> int:
    """Add what is not there yet; returns how many areas were added."""
    added = 0
    with store.write() as unit:
        known = {area.id for area in unit.places.areas()}
        for area in dam_ha(demo):
            if area.id not in known:
                unit.places.add_area(area, now, "command line")
                added += 1
        if added:
            record_command(unit, now, "area.seed", f"area:{DISTRICT}", {"areas": added, "demo": demo})
        unit.changed("speakers")
    return added
