"""A real Chromium, and what a person does with the chat in it."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.ui.serving import wait_for

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1280,800",
)
# the passage component draws in shadow roots, where a plain selector does not reach
DEEP = """
const found = []
const look = (root) => {
  found.push(...root.querySelectorAll(arguments[0]))
  for (const each of root.querySelectorAll("*")) if (each.shadowRoot) look(each.shadowRoot)
}
look(document)
return found
"""


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start Chromium with a fresh profile; it keeps a record of its requests and of its console."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        metrics = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        yield driver
    finally:
        driver.quit()


@dataclass(frozen=True, slots=True)
class Chat:
    """A browser on the chat, and a client of the API behind it."""

    driver: webdriver.Chrome
    address: str
    api: httpx.Client

    def load(self) -> None:
        """Load the page anew, without a conversation."""
        self.driver.get(self.address)
        self.see(".brand")

    def find(self, selector: str) -> list[WebElement]:
        """Find what is on the page now, in shadow roots too."""
        found: list[WebElement] = self.driver.execute_script(DEEP, selector)
        return found

    def see(self, selector: str, text: str = "") -> WebElement:
        """Wait until such an element with that text is shown."""

        def look() -> WebElement | None:
            try:
                return next((each for each in self.find(selector) if each.is_displayed() and text in each.text), None)
            except StaleElementReferenceException:  # pragma: no cover - drawn anew in between, at some moments only
                return None

        return wait_for(look)

    def ask(self, question: str) -> None:
        """Type a question, and send it with Enter."""
        box = self.see("[data-testid=stChatInputTextArea]:enabled")
        box.send_keys(question, Keys.ENTER)
        self.see("h2.question", question)

    def press(self, selector: str) -> None:
        """Press with the keyboard what the keyboard can reach, as soon as it is not disabled."""
        target = self.see(f"{selector}:not(:disabled)")
        assert self.driver.execute_script("return arguments[0].tabIndex", target) == 0
        target.send_keys(Keys.ENTER)

    def dress(self, scheme: str) -> None:
        """Prefer `light` or `dark`, as the system of a person does."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def settle(self) -> None:
        """Wait until nothing moves: two pictures in a row are the same."""
        last = b""
        while last != (last := self.driver.get_screenshot_as_png()):
            time.sleep(0.3)

    def close(self) -> None:
        """Close the dialog with the keyboard."""
        self.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
        wait_for(lambda: not self.find("[role=dialog]"))

    def requested(self) -> list[str]:
        """List the addresses that the browser asked for since the last look."""
        entries = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        kinds = {"Network.requestWillBeSent": ("request", "url"), "Network.webSocketCreated": ("url",)}
        return [_dig(entry["params"], kinds[entry["method"]]) for entry in entries if entry["method"] in kinds]

    def complaints(self) -> list[str]:
        """List what the console says since the last look."""
        return [entry["message"] for entry in self._log("browser")]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]  # Selenium's
        return entries


def _dig(value: Any, path: tuple[str, ...]) -> str:  # noqa: ANN401 - JSON
    for name in path:
        value = value[name]
    return str(value)
