"""Copy the pinned browser assets from node_modules into static/vendor: `python -m controller.web.assets`."""

import shutil
import sys
from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "vendor"
FONT = "be-vietnam-pro-{script}-{weight}-normal.woff2"
FONTS = tuple(
    FONT.format(script=script, weight=weight) for script in ("latin", "vietnamese") for weight in (400, 600, 700)
)
ASSETS = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@event-calendar/build/dist/event-calendar.min.js": "event-calendar.min.js",
    "@event-calendar/build/dist/event-calendar.min.css": "event-calendar.min.css",
    "tus-js-client/dist/tus.min.js": "tus.min.js",
    "wavesurfer.js/dist/wavesurfer.min.js": "wavesurfer.min.js",
    "wavesurfer.js/dist/plugins/regions.min.js": "wavesurfer-regions.min.js",
} | {f"@fontsource/be-vietnam-pro/files/{name}": name for name in FONTS}
"""From (below node_modules) to (below static/vendor)."""


def copy(node_modules: Path, vendor: Path = VENDOR) -> list[Path]:
    """Copy every asset; raise FileNotFoundError, naming the first one that npm has not installed."""
    vendor.mkdir(parents=True, exist_ok=True)
    copied = []
    for source, name in ASSETS.items():
        target = vendor / name
        temporary = target.with_suffix(".part")
        shutil.copyfile(node_modules / source, temporary)
        temporary.replace(target)
        copied.append(target)
    return copied


def main() -> int:
    node_modules = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "node_modules"
    try:
        for path in copy(node_modules):
            print(path.relative_to(VENDOR.parent))
    except FileNotFoundError as missing:
        print(f"{missing.filename} is not there: run `npm ci` first", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
