"""Screenshots of the pages during a run."""

LOOKS = {"light": (1280, False), "dark": (1280, True), "narrow": (390, False), "narrow-dark": (390, True)}


class Screenshots:
    """Numbered screenshots from `browser` in `folder`, which is created."""

    def __init__(self, browser, folder):
        self.browser = browser
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.names = []

    def take(self, name, *looks):
        """Takes a screenshot of the whole page in each look."""
        for look in looks:
            self.show(look)
            # Wait until the page is rendered in this look.
            self.browser.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
            metrics = self.browser.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": LOOKS[look][0], "height": metrics["height"], "scale": 1}
            self.save(f"{name}-{look}", captureBeyondViewport=True, clip=clip)
        self.show("light")

    def show(self, look, height=900):
        """Sets the width of the window and the color scheme of a look."""
        width, dark = LOOKS[look]
        self.browser.show(width, height, dark)

    def save(self, name, **options):
        name = f"{len(self.names) + 1:02}-{name}.png"
        self.browser.screenshot(self.folder / name, **options)
        self.names.append(name)
