# SPDX-License-Identifier: MIT
"""What takes the dashboard longer.  See dashboard_long.sh.

    dashboard_long.py ADDRESS PROFILE AXE   TAP; AXE: file of axe-core, or ""
"""
import json
import sys
import urllib.request

import browser as chromium
from dashboard_lib import Dashboard, ok, same

FRAMES = """new Promise(done => {
  const box = document.querySelector(%s);
  let n = 0, by = %d, begin = 0;
  const step = now => {
    begin = begin || now;
    n++;
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - 5) by = -by;
    box.scrollTop += by;
    if (now - begin > 3000) done((n - 1) / (now - begin) * 1000);
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def frames(page, selector, by):
    """A second, while that many pixels are scrolled in each."""
    return page.js(FRAMES % (json.dumps(selector), by))


def scrolls(d):
    """2,000 calls and 100,000 lines."""
    page = d.page
    d.at("#/runs/20260101-000000-000001", ".failure")
    page.until("/2,000/.test(document.querySelector('.filters button')"
               ".textContent) || /2000/.test(document.querySelector("
               "'.filters button').textContent)")
    ok(page.js("document.querySelectorAll('#calls .row').length") < 120,
       "of 2,000 calls those in sight are there")
    rate = frames(page, "#main", 60)
    ok(rate >= 30, "they scroll: %.0f frames a second" % rate)
    same(page.js("document.querySelectorAll('.body img, .body script, .body "
                 "iframe, .body [onerror]').length"), 0,
         "whatever they are called")
    for tab in ("timeline", "graph"):
        d.at("#/runs/20260101-000000-000001?tab=" + tab, ".draw svg")
    ok(page.js("document.querySelectorAll('.draw .box').length") <= 200,
       "the graph is of what matters")
    d.at("#/runs/%s?call=1" % d.run_of("noisy"), ".ln.at")
    page.until("/^100,001 lines/.test(document.querySelector('.state')"
               ".textContent)")
    rate = frames(page, ".log", 60)
    ok(rate >= 30, "100,000 lines scroll: %.0f frames a second" % rate)
    page.js("document.querySelector('#search').focus()")
    page.type("items/99")
    page.until("document.querySelector('.found').textContent === "
               "'1,111 lines'")
    ok(True, "and are searched")
    rate = frames(page, ".log", 60)
    ok(rate >= 30, "with what was found: %.0f frames a second" % rate)


def flood(d):
    """A log that grows fast stays in reach."""
    page = d.page
    run = d.ask("/runs", {"tasks": ["flood"]})["run_id"]
    d.at("#/runs/%s?call=1" % run, ".ln")
    page.until("document.querySelector('.log').scrollHeight > 18 * 10000", 60)
    worst = page.js("new Promise(done => { let n = 0, last = performance.now("
                    "), worst = 0; const step = now => { worst = Math.max("
                    "worst, now - last); last = now; if (++n > 60) done(worst"
                    "); else requestAnimationFrame(step); }; "
                    "requestAnimationFrame(step); })")
    ok(worst < 1000, "while 1 MB a second comes, the page answers within "
       "%.0f ms" % worst)
    ok(page.js("(b => b.scrollTop + b.clientHeight > b.scrollHeight - 2000)("
               "document.querySelector('.log'))"), "and is at the end")
    d.ask("/runs/" + run, method="DELETE")


def axe(browser, d, path):
    """No violation at any place, in any look."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    run = d.run_of("qa")
    calls = {c["name"]: c["id"] for c in
             d.ask("/runs/" + run)["report"]["calls"]}
    bad = calls["test:py"]
    session = d.ask("/parallel-test/start", {"num_workers": 2, "test_plans": [
        {"plan_file": "docs/plans/e2e-test-03.md"}]})["session_id"]
    at = "#/runs/" + run
    places = [
        (at, ".failure .l.at"), (at + "?tab=timeline", ".draw .bar"),
        (at + "?tab=graph", ".draw .box"), ("#/start", ".choices label"),
        ("#/start?what=tests", ".plan"), ("#/history", ".past-row"),
        ("#/list", ".list li"), ("#/sessions/" + session, ".failure .l.at"),
        (at + "?call=%d&q=cart&open=%d.%d" % (bad, bad, calls["lint"]),
         ".ln mark"),
        (at + "?call=%d&view=why" % bad, "dl.facts"),
        (at + "?call=%d&view=history" % bad, ".facts.scroll")]
    for width, dark in ((1400, False), (1400, True), (390, False),
                        (390, True)):
        one = Dashboard(browser, d.address, width, 900, dark=dark)
        one.page.js(text + ";0")
        for place, seen in places:
            one.at(place, seen)
            found = violations(one.page)
            same(found, [], "axe-core finds nothing: %d %s %s" % (
                width, "dark" if dark else "light",
                place.replace(run, "RUN").replace(session, "SESSION")))
        one.at(at, ".failure .l.at")
        one.page.key("?")
        one.page.until("document.querySelector('#keys').open")
        same(violations(one.page), [], "axe-core finds nothing: keys")
    with urllib.request.urlopen(d.base + "double/forget", b"{}"):
        one.page.call("Page.reload")
    one.page.until("!document.querySelector('#login').hidden")
    one.page.js(text + ";0")
    same(violations(one.page), [], "axe-core finds nothing: login")


def violations(page):
    """In short."""
    return page.js("axe.run(document, {resultTypes: ['violations']}).then("
                   "r => r.violations.map(v => v.id + ': ' + "
                   "v.nodes[0].html.slice(0, 200)))")


def long(browser, address, path):
    """What takes longer."""
    d = Dashboard(browser, address)
    scrolls(d)
    flood(d)
    same(d.heard(), [], "no complaint")
    if path:
        axe(browser, d, path)


if __name__ == "__main__":
    with chromium.Browser(chromium.find(), sys.argv[2]) as it:
        long(it, sys.argv[1], sys.argv[3])
