# SPDX-License-Identifier: MIT
"""What a person does with the dashboard, in Chromium.  See dashboard.sh.

    dashboard.py browser                          its name; 1: there is none
    dashboard.py all|runs|lost|fresh ADDRESS PROFILE NUMBER
                                                  TAP from behind that number
"""
import json
import os
import re
import sys
import time
import urllib.request

import browser as chromium
from dashboard_lib import DONE, Dashboard, ok, same
from dashboard_pure import pure

VISIBLE = "(e => e && e.getClientRects().length > 0)"


def failures(d):
    """First what failed, at the place where it did, with its command."""
    d.at("#/runs/" + d.run_of("qa"), ".failure .l.at")
    same(d.page.texts(".failure .l.at"), ["E       assert 3 == 4\n"],
         "a failure is shown at the line that says it")
    same(d.page.texts(".failure code")[0].split()[-1], "test:py",
         "with what runs it again")
    ok(d.page.js("document.querySelector('.failure').getBoundingClientRect()"
                 ".bottom < document.querySelector('#calls')"
                 ".getBoundingClientRect().top"), "above everything else")
    ok(re.search(r"failed\s*1.*passed\s*4", d.page.js(
        "document.querySelector('.sums').textContent")), "counted")
    d.page.click(".failure .command button")
    d.page.until("document.querySelector('#note').textContent"
                 ".endsWith('test:py')")
    ok(True, "copied by one click")


def logs(d):
    """A log at its failing place; searched, filtered, switched, reloaded."""
    page = d.page
    page.click(".failure .acts > button")
    page.until("document.querySelector('.ln.at')")
    same(page.js("document.querySelector('.ln.at .no').textContent"), "302",
         "opened, a log stands at the failing line")
    ok(page.js("(() => { const r = document.querySelector('.ln.at')"
               ".getBoundingClientRect(), b = document.querySelector('.log')"
               ".getBoundingClientRect(); return r.top > b.top && r.bottom < "
               "b.bottom; })()"), "which is in sight")
    ok(page.js("document.querySelectorAll('.ln').length") < 120,
       "only what is near is there")
    same(page.js("getComputedStyle(document.querySelector("
                 "'.ln.at .a-bold.fg1')).fontWeight"), "700",
         "colours of the terminal are classes")
    page.key("/")
    page.type("test_29\\d")
    page.until("document.querySelector('.found').textContent === '0 lines'")
    page.key("Escape")
    page.click("[aria-label='regular expression']")
    page.until("document.querySelector('.found').textContent === '10 lines'")
    ok(True, "searched as text and as an expression")
    page.key("n")
    page.until("document.querySelector('.ln.hit mark')")
    same(page.js("document.querySelector('.ln.hit .no').textContent"), "291",
         "n goes to a match")
    page.click(".tools button:nth-of-type(2)")
    page.until("document.querySelectorAll('.ln').length === 10")
    same(page.texts(".ln .no"), [str(n) for n in range(291, 301)],
         "filtered, with the numbers of its lines")
    page.key("p")
    page.key("j")
    page.until("document.querySelector('#detail-title').textContent !== "
               "'test:py'")
    same(page.js("document.querySelector('#search').value"), "test_29\\d",
         "the search stays for the next log")
    page.click(".chip button")
    page.until("document.querySelectorAll('.ln').length === 10")
    place = page.js("location.hash")
    page.call("Page.reload")
    page.until("document.querySelectorAll('.ln mark').length === 10")
    same(page.js("location.hash"), place, "a reload finds the place again")
    ok(d.token not in page.js(
        "location.href + JSON.stringify([{...localStorage}, "
        "{...sessionStorage}]) + document.cookie"), "the token is nowhere")


def many(d):
    """Several logs in one list, and an expression without end."""
    page = d.page
    run = d.run_of("qa")
    calls = {c["name"]: c["id"] for c in
             d.ask("/runs/" + run)["report"]["calls"]}
    d.at("#/runs/%s?call=%d&open=%d.%d&together=1&q=passed" % (
        run, calls["test:web"], calls["test:web"], calls["test:py"]),
        ".ln.title:nth-of-type(n + 2)")
    page.until("document.querySelector('.found').textContent === '2 lines'")
    same(page.texts(".ln.title"), ["✓ test:web", "✗ test:py"],
         "several logs are one list, searched as one")
    d.at("#/runs/%s?call=%d&re=1&q=" % (run, calls["test:py"]) +
         "%5E((.%7C.)*)*~%24", ".tools")
    page.until("document.querySelector('#search').getAttribute("
               "'aria-invalid') === 'true'", 30)
    ok("too long" in page.js("document.querySelector('.found').textContent"),
       "an expression that takes for ever is given up")
    d.at("#/runs/%s?call=%d" % (run, calls["odd"]), ".ln")
    page.until("document.querySelector('.ln')")
    same(page.texts(".ln .tx"), [
        "<img src=x onerror=alert(1)><script>alert(2)</script>", "100%"],
        "what looks like markup is text")
    same(page.js("document.querySelectorAll('#detail img, #detail script')"
                 ".length"), 0, "and nothing else")


def pictures(d):
    """Timeline, graph, why, history."""
    run = d.run_of("qa")
    d.at("#/runs/%s?tab=timeline" % run, ".draw .bar")
    same(d.page.js("document.querySelectorAll('.draw .bar').length"), 5,
         "a bar a job")
    ok(d.page.texts(".slow .name"), "what took longest")
    d.at("#/runs/%s?tab=graph" % run, ".draw .box")
    same(d.page.js("document.querySelectorAll('.draw .box').length"), 6,
         "a box a call")
    ok("Critical path: " in d.page.js(
        "document.querySelector('#run-panel').textContent"), "critical path")
    d.page.click(".draw .node")
    d.page.until("%s(document.querySelector('#detail'))" % VISIBLE)
    d.page.click("#tab-why")
    d.page.until("document.querySelector('dl.facts')")
    ok(re.match("whytest:py.*called bythe command line", d.page.js(
        "document.querySelector('dl.facts').textContent")), "why it (not) ran")
    d.at("#/history", ".past-row")
    ok("0 % passed" in " ".join(d.page.texts(".past-row")),
       "what failed before is known")
    ok(d.page.texts(".past-row .name")[0] == "test:py", "and comes first")


def live(d):
    """Started by the form, seen live, cancelled, run again."""
    page = d.page
    d.at("#/start", ".choices input")
    page.js("document.querySelector('#find-task').focus()")
    page.type("until it is told")
    page.until("document.querySelectorAll('.choices li').length === 1")
    page.key("Enter")
    page.until("document.querySelector('.mono').textContent === 'prun slow'")
    page.click(".form [type=submit]")
    page.until("document.querySelector('.live li')")
    ok(True, "a run is started by the form, and seen")
    page.click(".live .name")
    page.until("document.querySelectorAll('.ln').length > 5")
    before = page.js("document.querySelectorAll('.ln').length")
    page.js("getSelection().selectAllChildren(document.querySelector("
            "'.ln .tx'))")
    page.until("document.querySelectorAll('.ln').length > %d + 3" % before)
    ok(True, "its log grows in sight")
    same(page.js("String(getSelection())"), "ready",
         "and what is selected in it stays so")
    same(page.js("document.querySelector('.log').scrollTop + "
                 "document.querySelector('.log').clientHeight >= "
                 "document.querySelector('.log').scrollHeight - 40"), True,
         "and is followed")
    age = page.js("document.querySelector('.live .num').textContent")
    page.until("document.querySelector('.live .num').textContent !== '%s'"
               % age)
    ok(True, "ages count")
    page.click(".head .acts button")
    page.until("document.querySelector('#question').open")
    page.click("#yes")
    page.until("/cancelled/.test(document.querySelector('.head .verdict')"
               ".textContent)")
    ok(True, "cancelled")
    old = page.js("location.hash")
    page.key("Escape")
    page.key("r")
    page.until("location.hash !== '%s' && document.querySelector('.live li')"
               % old.split("?")[0])
    ok(True, "run again")
    new = page.js("location.hash").split("/")[2].split("?")[0]
    d.ask("/runs/" + new, method="DELETE")
    page.until("/cancelled/.test(document.querySelector('.head .verdict')"
               ".textContent)")
    ok(True, "an end from elsewhere is seen")


def session(d):
    """A session by the form: workers, trees, failures, its faults."""
    page = d.page
    d.at("#/start?what=tests", ".plan input")
    page.js("document.querySelector('.plan input').focus()")
    page.type("docs/plans/none.md")
    page.click(".form [type=submit]")
    page.until("document.querySelector('.plan [aria-invalid=true]')")
    ok(True, "what is wrong with a field is said at the field")
    refused = [c for c in page.complaints if " 422 " in c]
    same(page.complaints, refused, "and of nothing else")
    page.complaints.clear()
    page.js("document.querySelector('.plan input').select()")
    page.type("docs/plans/e2e-test-01.md")
    for name in ("02", "03", "04", "05"):
        page.click(".form .field > button")
        page.type("docs/plans/e2e-test-%s.md" % name)
    page.click(".form [type=submit]")
    page.until("/Session of 5/.test(document.querySelector('#main h1')"
               ".textContent)")
    page.until("/FAILED/.test(document.querySelector('.head .verdict')"
               ".textContent)", 60)
    page.until("document.querySelector('.failure .l.at')")
    same(page.texts(".failure .l.at"), ["step 4: expected 200, got 500\n"],
         "a session shows its failure at the failing place")
    same(len(page.texts(".tests tbody tr")), 5, "and all its tests")
    page.click(".failure .acts > button")
    page.until("document.querySelector('.ln.at')")
    ok(True, "the log of a test is a click away")


def keyboard(d):
    """All of it without a mouse."""
    page = d.page
    d.at("#/runs/" + d.run_of("qa"), ".failure .l.at")
    page.key("?")
    page.until("document.querySelector('#keys').open")
    ok(len(page.texts("#keys kbd")) > 20, "? lists the keys")
    page.key("Escape")
    page.until("!document.querySelector('#keys').open")
    page.key("g")
    page.until("document.querySelector('.ln.at')")
    ok(page.js("document.activeElement.matches('.log')"),
       "g opens the first failure, with the focus in its log")
    page.key("Escape")
    page.until("document.querySelector('#detail').hidden")
    page.key("f")
    page.until("document.querySelectorAll('#calls .row').length === 1")
    page.key("f")
    page.until("document.querySelectorAll('#calls .row').length === 6")
    page.key("j")
    page.key("j")
    page.until("document.querySelector('#calls [aria-selected=true]')"
               ".dataset.id === new URLSearchParams(location.hash.split('?')"
               "[1]).get('call')")
    same(page.js("document.querySelector('#calls').getAttribute("
                 "'aria-activedescendant')"), page.js(
                     "document.querySelector('#calls [aria-selected=true]')"
                     ".id"), "j and k walk the list, as a reader is told")
    page.key("2")
    page.until("document.querySelector('.draw .bar')")
    page.key("3")
    page.until("document.querySelector('.draw .box')")
    page.js("document.querySelector('#run-graph').focus()")
    page.key("ArrowRight")
    page.until("document.activeElement.id === 'run-calls'")
    ok(True, "tabs turn by arrows")
    look = page.js("document.documentElement.dataset.look")
    page.key("t")
    same(page.js("document.documentElement.dataset.look"),
         "light" if look == "dark" else "dark", "t turns dark and light")
    page.key("t")
    page.key("s")
    page.until("document.querySelector('.choices input')")
    seen = set()
    for _ in range(60):
        page.key("Tab")
        seen.add(page.js("document.activeElement.id || "
                         "document.activeElement.textContent"))
    ok({"find-task", "Start", "look"} <= seen,
       "Tab reaches the form and the head")
    page.key("Escape")
    page.until("location.hash.startsWith('#/runs/')")
    ok(True, "Escape leads back")


def narrow(browser, d):
    """A phone, and both looks."""
    small = Dashboard(browser, d.address, 390, 844, dark=True)
    run = d.run_of("qa")
    places = ["#/runs/" + run, "#/runs/%s?tab=timeline" % run,
              "#/runs/%s?tab=graph" % run, "#/start", "#/start?what=tests",
              "#/history", "#/list"]
    places += ["#/runs/%s?call=%d%s" % (run, c, v) for c in (1, 4)
               for v in ("", "&view=why", "&view=history")]
    wide = []
    for place in places:
        small.at(place, "#main h1, #detail h1")
        small.page.js("new Promise(requestAnimationFrame)")
        if small.page.js("document.documentElement.scrollWidth > 390 || [..."
                         "document.querySelectorAll('.pane')].some(p => "
                         "p.scrollWidth > p.clientWidth)"):
            wide.append(place)
    same(wide, [], "390 pixels are enough everywhere")
    same(small.page.js("document.documentElement.dataset.look"), "dark",
         "dark where the person wants it")
    small.page.look(False)
    small.page.until("document.documentElement.dataset.look === 'light'")
    ok(True, "and light")
    small.at("#/runs/%s" % run, ".failure .l.at")
    small.page.click(".failure .acts > button")
    small.page.until("%s(document.querySelector('.log'))" % VISIBLE)
    ok(not small.page.js("%s(document.querySelector('#main'))" % VISIBLE),
       "one pane at a time")
    small.page.click(".detail .back")
    small.page.until("%s(document.querySelector('#main'))" % VISIBLE)
    same(small.heard(), [], "without a complaint")


def policy(d):
    """What the browser holds the page to."""
    with urllib.request.urlopen(d.base, timeout=20) as answer:
        said = answer.headers["Content-Security-Policy"] or ""
    ok("default-src 'none'" in said and "unsafe" not in said,
       "a policy that lets nothing else in")
    d.page.js("(() => { const s = document.createElement('script'); "
              "s.textContent = 'window.broken = 1'; "
              "document.body.append(s); })()")
    same(d.page.js("window.broken || 0"), 0, "which is in force")
    d.page.complaints.clear()


def every(browser, address, parts=(pure, failures, logs, many, pictures,
                                   live, session, keyboard)):
    """Most of it, with one page."""
    d = Dashboard(browser, address)
    same(d.page.js("location.hash.includes('%s')" % d.token), False,
         "the token leaves the address")
    for part in parts:
        begin = time.monotonic()
        part(d)
        print("# %s: %.1f s" % (part.__name__, time.monotonic() - begin))
    narrow(browser, d)
    same(d.heard(), [], "no complaint, and nobody else was asked")
    policy(d)


def runs(browser, address):
    """The same without sessions."""
    every(browser, address,
          (pure, failures, logs, many, pictures, live, keyboard))


def lost(browser, address):
    """The server goes away, comes back, and forgets who we are."""
    d = Dashboard(browser, address)
    page = d.page
    run = d.ask("/runs", {"tasks": ["slow"]})["run_id"]
    d.at("#/runs/" + run, ".live li")
    page.click(".live .name")
    page.until("document.querySelectorAll('.ln').length > 3")

    def double(what, body):
        with urllib.request.urlopen(urllib.request.Request(
                d.base + "double/" + what, json.dumps(body).encode())):
            pass
    double("away", {"seconds": 1.5})
    page.until("!document.querySelector('#banner').hidden")
    ok(page.js("document.querySelectorAll('.ln').length > 3"),
       "without the server, what is known stays")
    page.until("document.querySelector('#banner').hidden")
    before = page.js("document.querySelectorAll('.ln').length")
    page.until("document.querySelectorAll('.ln').length > %d" % before)
    ok(True, "back again, it goes on where it was")
    same(page.js("[...document.querySelectorAll('.ln .no')].map(e => "
                 "+e.textContent).every((n, i, a) => !i || n === a[i - 1] + "
                 "1)"), True, "with no line twice")
    double("forget", {})
    page.until("!document.querySelector('#login').hidden")
    ok(page.js("document.activeElement.id === 'token'"),
       "a token that counts no longer is asked for")
    page.type("wrong")
    page.key("Enter")
    page.until("/not the token/.test(document.querySelector("
               "'#login-error').textContent)")
    page.type(d.token)
    page.key("Enter")
    page.until("document.querySelector('#login').hidden && "
               "document.querySelector('.live li')")
    ok("call=" in page.js("location.hash"), "and the place is found again")
    d.ask("/runs/" + run, method="DELETE")
    page.until("/cancelled/.test(document.querySelector('.head .verdict')"
               ".textContent)")
    ok(True, "the end is seen")


def fresh(browser, address):
    """A project without a run, until there is one."""
    d = Dashboard(browser, address)
    ok("Nothing has run" in d.page.js(
        "document.querySelector('#main h1').textContent"),
       "where nothing has run the page says so")
    d.ask("/runs", {"tasks": ["lint"]})
    d.page.until("/passed/.test((document.querySelector('.head .verdict') || "
                 "{}).textContent)")
    d.page.until("document.querySelector('.side .list li .cut').textContent "
                 "=== 'passed lint'")
    ok(True, "and shows the first run once it is there")
    same(d.heard(), [], "without a complaint")


def main():
    """See above."""
    program = chromium.find()
    if sys.argv[1] == "browser":
        print(program or "")
        sys.exit(program is None)
    what, address, profile, number = sys.argv[1:5]
    DONE["n"] = int(number)
    os.makedirs(profile, exist_ok=True)
    with chromium.Browser(program, profile) as browser:
        {"all": every, "lost": lost, "runs": runs,
         "fresh": fresh}[what](browser, address)


if __name__ == "__main__":
    main()
