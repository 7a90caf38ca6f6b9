"""A browser that looks at the pages of a run, and keeps what it sees."""

import base64
import time

from selenium.common.exceptions import WebDriverException

from browser import appearance, complaints

LIMIT = 60
LOOKS = {"light": (1280, False), "dark": (1280, True), "narrow": (390, False), "narrow-dark": (390, True)}


class Eyes:
    """`driver`: headless Chromium. Pictures go into `folder`, which is made."""

    def __init__(self, driver, folder):
        self.driver = driver
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.taken = []

    def open(self, url):
        # From somewhere else, so that an address that differs in its end only is opened anew.
        self.driver.get("about:blank")
        self.driver.get(url)

    def text(self, selector):
        return self.driver.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def see(self, selector, *words, limit=LIMIT):
        """Waits until all the words are in what the selector finds first."""
        end = time.monotonic() + limit
        while True:
            try:
                text = self.text(selector)
            except WebDriverException:
                text = ""
            if all(word in text for word in words):
                return text
            if time.monotonic() > end:
                raise TimeoutError(f"{words} are not on the page within {limit} s; there is: {text[:500]}")
            time.sleep(0.05)

    def look(self, name, *looks):
        """A picture of the whole page for each look."""
        for look in looks:
            self.look_at(look)
            # The page is drawn anew before the picture is taken.
            self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
            metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": LOOKS[look][0], "height": metrics["height"], "scale": 1}
            self.shoot(f"{name}-{look}", captureBeyondViewport=True, clip=clip)
        self.look_at("light")

    def look_at(self, look, height=900):
        """A window of the look's width, light or dark."""
        width, dark = LOOKS[look]
        appearance(self.driver, width, height, dark)

    def shoot(self, name, **more):
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", **more})["data"]
        path = self.folder / f"{len(self.taken) + 1:02}-{name}.png"
        path.write_bytes(base64.b64decode(data))
        self.taken.append(path.name)

    def complaints(self):
        """What the console said since it was asked last."""
        return complaints(self.driver)
