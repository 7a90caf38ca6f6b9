"""Headless Chromium for the tests of pages."""

import contextlib
import io

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

LIMIT = 60


@contextlib.contextmanager
def browser(width=1200, height=900, dark=False):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        driver.set_page_load_timeout(LIMIT)
        appearance(driver, width, height, dark)
        yield driver
    finally:
        driver.quit()


def appearance(driver, width, height=900, dark=False):
    """A window of exactly this size, and whether the system of its user is dark."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def picture(driver, path=None):
    """A screenshot as an image; kept where a path is given."""
    data = driver.get_screenshot_as_png()
    if path:
        path.write_bytes(data)
    return Image.open(io.BytesIO(data)).convert("RGB")


def colours(image):
    """How many different colours there are: a blank page has one or two."""
    return len(image.getcolors(1 << 24))


def brightness(image):
    """Of the background in the upper left corner, 0 to 255."""
    return sum(image.getpixel((2, 2))) / 3


def complaints(driver):
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
