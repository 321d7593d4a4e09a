"""People of the demo, each with a browser. They do what people do: open, write, look; they know no selector twice."""

import json
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

PASSWORD = "veche-demo"
CONFERENCE = "/c/uchitel"
CHANNEL = f"{CONFERENCE}/main"
SOON = 10_000  # ms within which live things happen, also on a busy machine
LATER = 30_000  # ms within which a page is back after its connection broke

expect.set_options(timeout=SOON)


class Someone:
    """One person at one page."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.url = url

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def sign_in(self, name: str, *, then: str = CHANNEL) -> None:
        """Sign in as <name>@demo.veche and be led to `then`."""
        self.open(f"/sign-in?next={then}")
        self.page.fill("#email", f"{name}@demo.veche")
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(f"**{then}")

    def another_tab(self) -> "Someone":
        """The same person in another tab of the channel, connected."""
        tab = Someone(self.context, self.context.new_page(), self.url)
        tab.open(CHANNEL)
        tab.expect_state("live")
        return tab

    def choose(self, language: str) -> None:
        """Read everything in this language from now on, whatever the account says."""
        with self.page.expect_navigation():
            self.page.locator(f"button[name=language][value={language}]").evaluate("one => one.form.requestSubmit(one)")

    def come_in(self, name: str) -> "Someone":
        """Sign in and be connected to the first channel's chat."""
        self.sign_in(name)
        self.expect_state("live")
        return self

    def write(self, text: str) -> str:
        """Write in the chat; the text, made unlike any other."""
        unique = f"{text} {uuid4().hex[:8]}"
        self.page.fill("#composer", unique)
        self.page.press("#composer", "Enter")
        return unique

    def show(self, panel: str) -> None:
        """Another panel beside the picture: chat, questions, polls, session."""
        self.page.locator(f"[data-panel={panel}]").click()

    def message(self, text: str) -> Locator:
        """Messages that contain this text."""
        return self.page.locator(".message", has=self.page.locator(".message-text", has_text=text))

    def delete(self, text: str) -> None:
        self.tool(text, "delete").click()

    def tool(self, text: str, what: str) -> Locator:
        """What can be done with a message, once one points at it: edit, delete, report, emoji."""
        self.message(text).hover()
        return self.message(text).locator(f".message-{what}")

    def expect_state(self, state: str, *, within: float = LATER) -> None:
        expect(self.page.locator("live-chat")).to_have_attribute("data-state", state, timeout=within)

    def expect_once(self, text: str, *, within: float = SOON) -> None:
        """The message is here, exactly once, and the server has it."""
        expect(self.message(text)).to_have_count(1, timeout=within)
        expect(self.message(text)).to_have_attribute("data-state", "said", timeout=within)

    def expect_gone(self, text: str) -> None:
        expect(self.message(text)).to_have_count(0)

    def order_of(self, *texts: str) -> list[str]:
        """Those of `texts` that are shown, from top to bottom."""
        shown = self.page.locator(".message-text").all_inner_texts()
        return [text for line in shown for text in texts if text in line]


class People:
    """Browsers that are closed at the end, and what broke in their pages."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._contexts: list[BrowserContext] = []
        self._broken: list[str] = []

    def __enter__(self) -> "People":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for context in self._contexts:
            context.close()
        if kind is None:
            assert not self._broken, self._broken

    def new(
        self,
        *,
        width: int = 1280,
        height: int = 800,
        scale: int = 1,
        language: str = "ru-RU",
        dark: bool = False,
        scripts: bool = True,
    ) -> Someone:
        """Somebody with a fresh browser, not signed in."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale=language,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self._broken.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._hear(f"{page.url}: {said.text}"))
        return Someone(context, page, self._url)

    def _hear(self, said: str) -> None:
        if "Content Security Policy" in said:
            self._broken.append(said)


class HeldAnswers:
    """The socket of one page with the server's answers to chat.say held back until they are let go."""

    def __init__(self, page: Page) -> None:
        self._held: list[Callable[[], None]] = []
        self._says: set[int] = set()
        self.holding = True
        page.route_web_socket("**/ws", self._route)

    def let_go(self) -> None:
        self.holding = False
        for pass_on in self._held:
            pass_on()

    def _route(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        server.on_message(lambda text: self._from_server(browser, text))

    def _from_server(self, browser: WebSocketRoute, text: str | bytes) -> None:
        # Answers to what was said, and the events that tell of it.
        about_saying = '"at":' in str(text) and '"events"' not in str(text)
        if self.holding and about_saying:
            self._held.append(lambda: browser.send(text))
        else:
            browser.send(text)


class RefusedPasses:
    """A server to which the passes of one page have expired, until it changes its mind."""

    def __init__(self, page: Page) -> None:
        self.refusing = True
        page.route_web_socket("**/ws", self._route)

    def _route(self, browser: WebSocketRoute) -> None:
        if self.refusing:
            browser.on_message(lambda text: self._refuse(browser, text))
        else:
            browser.connect_to_server()

    def _refuse(self, browser: WebSocketRoute, text: str | bytes) -> None:
        browser.send(json.dumps({"re": json.loads(text)["id"], "no": {"code": "pass.expired", "text": ""}}))
