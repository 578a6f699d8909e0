"""The languages that bulletins are written or spoken in, by BCP 47 tag, as people of the country call them."""

from collections.abc import Mapping

from controller.language import n_

TONGUES: Mapping[str, str] = {
    "vi": n_("Tiếng Việt"),
    "ium": n_("Tiếng Dao"),
    "tyz": n_("Tiếng Tày"),
    "nut": n_("Tiếng Nùng"),
    "mlc": n_("Tiếng Sán Chay (Cao Lan)"),
    "hmn": n_("Tiếng Mông"),
    "blt": n_("Tiếng Thái"),
    "mtq": n_("Tiếng Mường"),
    "km": n_("Tiếng Khmer"),
    "cjm": n_("Tiếng Chăm"),
    "rad": n_("Tiếng Ê Đê"),
    "jra": n_("Tiếng Gia Rai"),
    "bdq": n_("Tiếng Ba Na"),
    "en": n_("Tiếng Anh"),
}
