"""What a test looks at: pictures for people, overflow, what the browser complains of, and axe's rules."""

from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

PHONE, DESK = 390, 1280
PATIENCE_MS = 30_000
REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / "build" / "screenshots"
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"

RUN_AXE = """axe.run({resultTypes: ["violations"]}).then(
    found => found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html}`)))"""
"""Every rule; only what is wrong is worked out in detail and told."""

EXPECTED = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
"""No fault of the page: a request that a test has refused on purpose, or one given up because the person typed on or
went to another page."""


class Watched:
    """A page and everything its browser complained of."""

    def __init__(self, page: Page, width: int) -> None:
        self.page = page
        self.width = width
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)

    def look(self, name: str) -> None:
        """Keep a picture, and see that nothing sticks out sideways."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("scrollTo(0, 0)")
        # To hide the caret Playwright would put a style into the page, against the page's own policy.
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.width}.png", full_page=True, caret="initial")
        self._fits(name, self.width)

    def look_both(self, name: str) -> None:
        """The same, and that nothing sticks out in the other width either: a telephone's, a desk's."""
        self.look(name)
        size = self.page.viewport_size
        assert size is not None
        other = PHONE if self.width == DESK else DESK
        self.page.set_viewport_size({"width": other, "height": size["height"]})
        self._fits(name, other)
        self.page.set_viewport_size(size)

    def _fits(self, name: str, width: int) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{name} is {wide} px too wide at {width}"

    def violations(self) -> list[str]:
        """What axe finds wrong. The window must bypass the policy, which axe's own style would offend."""
        self.page.evaluate(AXE.read_text())
        found: list[str] = self.page.evaluate(RUN_AXE)
        return found
