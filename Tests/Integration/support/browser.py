"""Headless Chromium for tests of pages."""

import base64
import io
import time

from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

LIMIT = 60


class Browser:
    """A window of the given size in light or dark mode. Close it by leaving its context."""

    def __init__(self, width=1200, height=900, dark=False):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(LIMIT)
        self.show(width, height, dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def show(self, width, height=900, dark=False):
        """Sets the size of the window and the color scheme."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, url):
        # Via a blank page, so that a URL that differs only in its fragment is loaded again.
        self.driver.get("about:blank")
        self.driver.get(url)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector="body"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def wait(self, condition, limit=LIMIT):
        """Waits until a function returns a true value. Returns that value."""
        end = time.monotonic() + limit
        while True:
            try:
                if found := condition():
                    return found
                error = None
            except (WebDriverException, StopIteration, IndexError) as caught:
                error = caught
            if time.monotonic() > end:
                raise TimeoutError(f"not within {limit} s; the page shows: {self.text()[:500]}") from error
            time.sleep(0.05)

    def wait_for_text(self, selector, *words):
        """Waits until the first match of a selector contains all words."""
        self.wait(lambda: all(word in self.text(selector) for word in words))

    def screenshot(self, path=None, **options):
        """Returns a screenshot as an image and writes it to `path` if given. `options`: of the DevTools command captureScreenshot."""
        data = base64.b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", **options})["data"])
        if path:
            path.write_bytes(data)
        return Image.open(io.BytesIO(data)).convert("RGB")

    def console_errors(self):
        """Returns errors and warnings on the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def colors(image):
    """Returns the number of distinct colors. A blank page has one or two."""
    return len(image.getcolors(1 << 24))


def brightness(image):
    """Returns the brightness of the background in the upper left corner, 0 to 255."""
    return sum(image.getpixel((2, 2))) / 3
