# SPDX-License-Identifier: MIT
"""What the drivers of the dashboard share: TAP, and a page of the server."""
import json
import urllib.request


DONE = {"n": 0}


def ok(what, name):
    """One line of TAP."""
    DONE["n"] += 1
    print("%sok %d - %s" % ("" if what else "not ", DONE["n"], name),
          flush=True)


def same(got, want, name):
    """With both where they differ."""
    ok(got == want, name)
    if got != want:
        print("# got %r\n# want %r" % (got, want), flush=True)


class Dashboard:
    """A page of the server."""

    def __init__(self, browser, address, width=1400, height=900, **more):
        self.address = address
        self.base, _, self.token = address.partition("#")
        self.page = browser.page(width, height, **more)
        self.page.go(address)
        self.page.until("document.querySelector('#main h1')")

    def at(self, place, what):
        """Goes to a place of the page, and waits until that is seen."""
        self.page.js("location.hash = %s" % json.dumps(place))
        return self.page.until("document.querySelector(%s)" %
                               json.dumps(what))

    def ask(self, path, body=None, method=None):
        """The API, as a script has it."""
        request = urllib.request.Request(
            self.base + "api/v1" + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token,
                     "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def run_of(self, task):
        """The newest run of a task."""
        return next(r["run_id"] for r in self.ask("/runs")["runs"]
                    if r["tasks"] == [task])

    def heard(self):
        """What the page complained of, and whom it asked but the server."""
        foreign = [r for r in self.page.requests
                   if not r.startswith((self.base, "data:", "about:"))]
        return self.page.complaints + foreign
