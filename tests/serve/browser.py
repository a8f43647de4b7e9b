# SPDX-License-Identifier: MIT
"""A Chromium without a window, driven by the DevTools protocol over two pipes.

    with Browser("chromium", profile) as browser:
        page = browser.page(1400, 900)
        page.go("http://127.0.0.1:8377/")
        page.until("document.title == 'prun'")

Nothing here sleeps for a result: until() is asked again at each event that the
page sends, and at 20 ms.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "Tab": (9, ""),
        "ArrowDown": (40, ""), "ArrowUp": (38, ""), "ArrowLeft": (37, ""),
        "ArrowRight": (39, ""), "Home": (36, ""), "End": (35, ""),
        "PageDown": (34, ""), "Backspace": (8, ""), " ": (32, " ")}


def find():
    """The program, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Failure(Exception):
    """What the page was to do and did not."""


class Browser:
    """The process; its pages share nothing but the profile."""

    def __init__(self, program, profile):
        to_read, self.to_write = os.pipe()
        self.to_read, from_write = os.pipe()
        self.next_id, self.rest, self.pages = 0, b"", {}
        self.log = open(os.path.join(profile, "stderr"), "wb")

        def own_pipes():
            # Above 4 first, lest one end is closed by the other's place.
            a, b = os.dup(to_read), os.dup(from_write)
            a, b = os.dup2(a, 63), os.dup2(b, 64)
            os.dup2(a, 3)
            os.dup2(b, 4)
            os.closerange(5, 65)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-extensions", "--hide-scrollbars",
             "--user-data-dir=" + profile, "--remote-debugging-pipe",
             "about:blank"],
            close_fds=False, preexec_fn=own_pipes, stderr=self.log,
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (Failure, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to_read)
        os.close(self.to_write)
        self.log.close()

    def send(self, method, params=None, session=None):
        """Its number; the answer has the same."""
        self.next_id += 1
        message = {"id": self.next_id, "method": method,
                   "params": params or {}}
        if session:
            message["sessionId"] = session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        return self.next_id

    def receive(self, seconds):
        """One message, or None after that time."""
        until = time.monotonic() + seconds
        while b"\0" not in self.rest:
            left = max(until - time.monotonic(), 0)
            if not select.select([self.to_read], [], [], left)[0]:
                return None
            some = os.read(self.to_read, 1 << 20)
            if not some:
                raise Failure("the browser has ended")
            self.rest += some
        one, _, self.rest = self.rest.partition(b"\0")
        return json.loads(one)

    def take(self, seconds):
        """As receive, after the page that it is for has seen it."""
        message = self.receive(seconds)
        page = message and self.pages.get(message.get("sessionId"))
        if page and "method" in message:
            page.event(message["method"], message["params"])
        return message

    def call(self, method, params=None, session=None, seconds=60):
        """The result of a command."""
        number = self.send(method, params, session)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            message = self.take(until - time.monotonic())
            if message and message.get("id") == number:
                if "error" in message:
                    raise Failure("%s: %s" % (method, message["error"]))
                return message["result"]
        raise Failure("%s: no answer in %d s" % (method, seconds))

    def page(self, width, height, **more):
        """A new page of that size."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", {
            "url": "about:blank", "browserContextId": context})["targetId"]
        session = self.call("Target.attachToTarget", {
            "targetId": target, "flatten": True})["sessionId"]
        return Page(self, session, width, height, **more)


class Page:
    """What a person does with a page, and what the page says of itself."""

    def __init__(self, browser, session, width, height, dark=False,
                 still=True):
        self.browser, self.session = browser, session
        self.complaints, self.requests = [], []
        browser.pages[session] = self
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.size(width, height)
        self.look(dark, still)

    def call(self, method, params=None):
        """A command to this page."""
        return self.browser.call(method, params, self.session)

    def event(self, method, params):
        """Keeps what a test asks for later."""
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            detail = params["exceptionDetails"]
            self.complaints.append(detail.get("exception", {}).get(
                "description", detail["text"]))
        elif method == "Runtime.consoleAPICalled":
            if params["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(
                    [a.get("value", a.get("description"))
                     for a in params["args"]]))
        elif method == "Log.entryAdded":
            entry = params["entry"]
            if entry["level"] in ("error", "warning"):
                self.complaints.append("%s %s" % (
                    entry["text"], entry.get("url", "")))

    def size(self, width, height):
        """Of the page; 500 and less is a phone's."""
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": width <= 500})

    def look(self, dark, still=True):
        """What the page is told of the person's wishes."""
        self.call("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion",
             "value": "reduce" if still else "no-preference"}]})

    def go(self, address):
        """Loads; the page may not be ready yet."""
        self.call("Page.navigate", {"url": address})

    def js(self, text):
        """The value of an expression; a promise is waited for."""
        got = self.call("Runtime.evaluate", {
            "expression": text, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in got:
            raise Failure("%s: %s" % (text, got["exceptionDetails"].get(
                "exception", {}).get("description", "")))
        return got["result"].get("value")

    def until(self, text, seconds=20):
        """Waits for an expression to be true, and returns its value."""
        end = time.monotonic() + seconds
        seen = None
        while time.monotonic() < end:
            try:
                seen = self.js("(v => v instanceof Node || v)(%s)" % text)
            except Failure as error:
                seen = str(error)  # the page is being loaded
            else:
                if seen:
                    return seen
            self.browser.take(0.02)
        raise Failure("not in %d s: %s; it is %r" % (seconds, text, seen))

    def texts(self, selector):
        """Of all elements."""
        return self.js("[...document.querySelectorAll(%s)].map("
                       "e => e.textContent)" % json.dumps(selector))

    def click(self, selector):
        """The middle of the first that is seen, by the mouse."""
        at = self.until("(() => { for (const e of document.querySelectorAll("
                        "%s)) { e.scrollIntoView({block: 'nearest'}); const r "
                        "= e.getBoundingClientRect(); if (r.width && r.height"
                        ") return [r.x + r.width / 2, r.y + r.height / 2]; } "
                        "})()" % json.dumps(selector))
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", {
                "type": kind, "x": at[0], "y": at[1], "clickCount": 1,
                "button": "none" if kind == "mouseMoved" else "left"})

    def key(self, name, shift=False):
        """One key, by its name or the character."""
        code, text = KEYS.get(name, (ord(name[0].upper()), name))
        press = {"key": name, "windowsVirtualKeyCode": code,
                 "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", dict(
            press, type="keyDown" if text else "rawKeyDown", text=text))
        self.call("Input.dispatchKeyEvent", dict(press, type="keyUp"))

    def type(self, text):
        """Into what has the focus."""
        self.call("Input.insertText", {"text": text})

    def shoot(self, path):
        """What is seen, as PNG."""
        got = self.call("Page.captureScreenshot", {
            "format": "png", "optimizeForSpeed": False})
        with open(path, "wb") as out:
            out.write(base64.b64decode(got["data"]))
