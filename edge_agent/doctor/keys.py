"""The keys: the box's own, the pinned root, and whether the site's key list is here."""

from edge_agent.database import DiskTrouble
from edge_agent.doctor.findings import Finding, Part, doubt, well
from edge_agent.glance import glance
from edge_agent.settings import Settings
from edge_agent.words import Sentence


def check(settings: Settings) -> list[Finding]:
    """What the config file names was read already: a key that others can read is a bad config."""
    own = well(Part.KEYS, "own", _OWN, key=settings.signing_key.key_id)
    root = well(Part.KEYS, "root", _ROOT, root=settings.root_public[:16])
    try:
        held = glance(settings.data)
    except DiskTrouble:
        return [own, root]  # the disk's finding says why
    if held is None or not held.keys_version:
        return [own, root, doubt(Part.KEYS, "no_list", _NO_LIST, _WAIT)]
    return [own, root, well(Part.KEYS, "list", _LIST, version=held.keys_version)]


_OWN = Sentence("Khóa riêng của hộp loa đọc được (mã {key}).", "The box's own key can be read (id {key}).")
_ROOT = Sentence(
    "Đã ghim khóa gốc của trung tâm: {root}….",
    "The site's root key is pinned: {root}….",
)
_LIST = Sentence("Có danh sách khóa, bản {version}.", "The key list is here, version {version}.")
_NO_LIST = Sentence(
    "Chưa có danh sách khóa của trung tâm: chưa tin và chưa phát gì.",
    "The site's key list is not here: nothing is believed or played yet.",
)
_WAIT = Sentence(
    "Nối mạng rồi chạy chương trình, danh sách đến trong vài giây. Nếu không đến: xem mục Máy chủ, và site, "
    "keys.root_public trong tệp cấu hình có đúng của trung tâm này không.",
    "Connect the box and run the agent, it comes within seconds. If it does not: see Broker, and whether site and "
    "keys.root_public in the config file are those of this controller.",
)
