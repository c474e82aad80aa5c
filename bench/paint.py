"""``python -m bench.paint``: ten pages as a phone on a slow network sees them first – when, how heavy, does anything jump."""

import argparse
import json
import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import network
from bench.asking import MEMBER, VISITOR, Page, cookie_of, pages
from bench.network import DATA, ONE, SMALL
from bench.serving import served

HERE = Path(__file__).parent
#: Slow 4G as Lighthouse has it, 1.6 Mbit/s and 150 ms there and back, on a processor four times slower.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
PROCESSOR = {"rate": 4}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}  # fmt: skip
#: What a first view may cost: milliseconds, shift, requests, bytes besides font and pictures.
MOST = {"lcp": 1_800, "shift": 0, "requests": 12, "bytes": 60_000}
WATCH = """
window.seen = {lcp: 0, what: "", shift: 0, jumped: []};
new PerformanceObserver((list) => { for (const one of list.getEntries()) {
  window.seen.lcp = one.startTime; window.seen.what = one.element ? one.element.tagName.toLowerCase() : ""; } })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => { for (const one of list.getEntries()) { window.seen.shift += one.value;
  window.seen.jumped.push(...one.sources.map((source) => source.node?.className || source.node?.nodeName || "")); } })
  .observe({type: "layout-shift", buffered: true});
"""
#: The ten pages, each as who meets it first.
ASKED = {
    "home": VISITOR, "My day": MEMBER, "communities": VISITOR, "list of topics": VISITOR, "topic": MEMBER,
    "library": VISITOR, "item": VISITOR, "search common word": MEMBER, "adoption table": VISITOR, "overall picture": VISITOR,
}  # fmt: skip
Row = dict[str, Any]


def paint(browser: Any, url: str, cookie: str) -> Row:
    """One first view, with nothing kept from before."""
    context = browser.new_context(**PHONE, locale="he-IL")
    try:
        if cookie:
            name, _equals, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.add_init_script(WATCH)
        tools = context.new_cdp_session(page)
        kinds: dict[str, str] = {}
        sizes: dict[str, float] = {}
        tools.on("Network.responseReceived", lambda told: kinds.setdefault(told["requestId"], told["type"]))
        tools.on(
            "Network.loadingFinished",
            lambda told: sizes.setdefault(told["requestId"], told["encodedDataLength"]),
        )
        tools.send("Network.enable")
        tools.send("Network.setCacheDisabled", {"cacheDisabled": False})
        tools.send("Network.emulateNetworkConditions", NETWORK)
        tools.send("Emulation.setCPUThrottlingRate", PROCESSOR)
        page.goto(url, wait_until="load", timeout=60_000)
        page.wait_for_load_state("networkidle", timeout=60_000)
        page.wait_for_timeout(1_500)
        seen = page.evaluate("window.seen")
    finally:
        context.close()
    heavy = ("Font", "Image", "Media")
    return {
        "lcp": round(seen["lcp"]),
        "what": seen["what"],
        "shift": round(seen["shift"], 4),
        "jumped": ", ".join(dict.fromkeys(map(str, seen["jumped"]))),
        "requests": len(sizes),
        "bytes": round(sum(size for key, size in sizes.items() if kinds.get(key) not in heavy)),
        "bytes_font": round(sum(size for key, size in sizes.items() if kinds.get(key) == "Font")),
        "bytes_pictures": round(sum(size for key, size in sizes.items() if kinds.get(key) == "Image")),
    }


def painted(asked: Iterable[Page], turns: int) -> Iterator[Row]:
    """The median of some first views of each page."""
    from playwright.sync_api import sync_playwright

    from tests import chromium

    key = cookie_of("manager@munistem.example")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with served("munistem.settings") as (port, _pid), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=flags, headless=True)
        for page in asked:
            cookie = key if ASKED[page.name] == MEMBER else ""
            url = f"http://127.0.0.1:{port}{page.path}"
            with urlopen(f"http://127.0.0.1:{port}/"):
                pass
            views = sorted(
                (paint(browser, url, cookie) for _turn in range(turns)), key=lambda row: row["lcp"]
            )
            row = {"page": page.name, "who": ASKED[page.name]} | views[len(views) // 2]
            row["is_over"] = [name for name, most in MOST.items() if row[name] > most]
            print(row, flush=True)
            yield row
        browser.close()


def table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| page | who | largest paint, ms | of | shift | requests | bytes | font | pictures |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        names = ("page", "who", "lcp", "what", "shift", "requests", "bytes", "bytes_font", "bytes_pictures")
        yield f"| {' | '.join(str(row[name]) + ' ✗' * (name in row['is_over']) for name in names)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="on the small network")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    of = SMALL if options.small else ONE
    network.environment(of)
    import django

    django.setup()
    from munistem import pgdev

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's own event loop runs in this thread
    try:
        network.ready(of)
        known = {page.name: page for page in pages()}
        rows = list(painted([known[name] for name in ASKED], options.turns))
    finally:
        network.leave()
        pgdev.stop(DATA / "pg", only_idle=True)
    place = HERE / "results" / f"paint-{date.today():%F}"
    place.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")
    place.with_suffix(".md").write_text("\n".join(table(rows)) + "\n")


if __name__ == "__main__":
    main()
