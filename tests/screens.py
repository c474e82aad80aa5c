"""Takes the pictures of docs/screens/ anew (`make shots`): a demo network of its own, then page by page.

Hebrew on desktop and phone of every page below, English and Arabic on desktop of those marked so; the first pages of papers.
"""

import csv
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium

BASE = Path(__file__).resolve().parent.parent
SHELF = BASE / "docs" / "screens"
PASSWORD = "stem-demo-2026"  # of the demo only
SIZES = {"desktop": ({"width": 1280, "height": 800}, 1.0), "phone": ({"width": 390, "height": 844}, 2.0)}
MOST_BYTES = 100_000
#: A table as people send it: two rows in order, two to be mended.
TABLE = (
    ("כותרת", "סוג", "תקציר", "שלבים ברצף", "רשות מקומית"),
    ("מועדון רחפנים בבית ספר יסודי", "חקר מקרה", "שנה ראשונה של מועדון, מה עבד ומה לא.", "יסודי", "כרמיאל"),
    ("ערב מתמטיקה לבנות ולאימהות", "מדריך", "תוכנית ערב אחד, עם רשימת קניות.", "חטיבת ביניים", "ירוחם"),
    ("המעבדה שבקומה השנייה", "שיר", "איך נפתחה לכל בתי הספר בעיר.", "תיכון", "נצרת"),
    ("", "כלי", "גיליון לתכנון שנת מנטורינג.", "תיכון", "רהט"),
)


@dataclass(frozen=True)
class Shot:
    """A page: name of its pictures, who looks at it, its address and the way on from there, and whether in all languages."""

    name: str
    who: str
    address: str
    follow: str = ""  # CSS of a link to go on by
    is_in_all: bool = False
    deed: Callable[[Page], None] | None = None  # what is done on the page before its picture is taken


def send_table(page: Page) -> None:
    """Send a table of items, wait until it is read, and look at its rows."""
    text = io.StringIO()
    csv.writer(text).writerows(TABLE)
    table = {"name": "פריטים.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}
    page.locator("input[name=table]").set_input_files(table)
    page.locator("main form button[data-kind=primary]").click()
    page.locator("#rows").wait_for(timeout=60_000)
    page.locator("#rows").evaluate("head => head.scrollIntoView({ block: 'center' })")


SHOTS = (
    Shot("home", "", "/", is_in_all=True),
    Shot("my-day", "manager", "/", is_in_all=True),
    Shot("application", "", "/join/"),
    Shot("organisations", "", "/organisations/"),
    Shot("community", "manager", "/communities/stem-managers/"),
    Shot("topic", "manager", "/communities/stem-managers/", ".rows .row__title a"),
    Shot("consultation", "manager", "/communities/stem-managers/?kind=consultation", ".rows .row__title a"),
    Shot("meeting", "manager", "/communities/stem-managers/meetings/", ".rows .row__title a"),
    Shot("decisions", "manager", "/communities/stem-managers/decisions/"),
    Shot("facilitation", "facilitator", "/communities/stem-managers/facilitation/"),
    Shot("library", "manager", "/knowledge/", is_in_all=True),
    Shot("item", "manager", "/knowledge/?q=מעבדת+נדודים", ".card__title a"),
    Shot("reader", "manager", "/search/?q=מלגה&in=items", ".row__text a[href*='/read/']"),
    Shot("import", "knowledge", "/knowledge/import/", deed=send_table),
    Shot("recommendation", "manager", "/policy/", "main .rows .row__title a", is_in_all=True),
    Shot("adoption", "manager", "/policy/adoption/"),
    Shot("handover", "manager", "/policy/authorities/1139/handover/"),
    Shot("picture", "manager", "/policy/picture/1139/", is_in_all=True),
    Shot("work-plan", "manager", "/policy/picture/1139/plan/"),
    Shot("national-picture", "", "/policy/picture/national/"),
    Shot("search", "manager", "/search/?q=מעבדה"),
    Shot("desk", "admin", "/desk/"),
)

#: First pages of PDFs: name, who asks for it, its address; in Hebrew and Arabic.
PAPERS = (
    ("annual-brief", "manager", "/policy/picture/1139/brief/draft.pdf"),
    ("mayors-brief", "", "/policy/recommendations/stem-excellence-manager/brief.pdf"),
    ("handover-pack", "manager", "/policy/authorities/1139/handover/pdf/"),
)
PAPER_SCALE = 1.5  # of 72 dots an inch


def main() -> None:
    SHELF.mkdir(parents=True, exist_ok=True)
    with portal() as address, sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium.provide(), args=options)
        for language in ("he", "en", "ar"):
            for size in SIZES if language == "he" else ["desktop"]:
                take(browser, address, language, size)
        draw_papers(browser, address)
        browser.close()


@contextmanager
def portal() -> Iterator[str]:
    """A portal with the demo network on a free port, in a directory that goes afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="munistem-shots-") as directory:
        surroundings = os.environ | {"PORT": str(port), "DATA_DIR": directory, "DEBUG": "1", "DEMO": "1"}
        command = [sys.executable, "manage.py", "serve"]
        server = subprocess.Popen(command, cwd=BASE, env=surroundings, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"{address}/readyz", server)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.5)
    raise SystemExit("The portal did not start.")


def take(browser: Browser, address: str, language: str, size: str) -> None:
    """All pictures of one language and size."""
    viewport, scale = SIZES[size]
    pages: dict[str, Page] = {}
    for shot in SHOTS:
        if language != "he" and not shot.is_in_all:
            continue
        if shot.who not in pages:
            context = browser.new_context(
                base_url=address,
                viewport=viewport,
                device_scale_factor=scale,
                has_touch=size == "phone",
                is_mobile=size == "phone",
                reduced_motion="reduce",
                timezone_id="Asia/Jerusalem",
            )
            pages[shot.who] = context.new_page()
            sign_in(pages[shot.who], shot.who)
        page = pages[shot.who]
        answer = page.goto(f"{shot.address}{'&' if '?' in shot.address else '?'}lang={language}")
        if shot.follow:
            with page.expect_response(lambda response: response.request.is_navigation_request()) as followed:
                page.locator(shot.follow).first.click()
            answer = followed.value
            page.wait_for_load_state()
        assert answer and answer.ok, shot
        if shot.deed:
            shot.deed(page)
        page.evaluate("() => document.fonts.ready")
        keep(page.screenshot(), SHELF / f"{shot.name}-{language}-{size}.png")


def draw_papers(browser: Browser, address: str) -> None:
    """The first page of each paper."""
    for name, who, path in PAPERS:
        page = browser.new_context(base_url=address).new_page()
        sign_in(page, who)
        for language in ("he", "ar"):
            answer = page.request.get(f"{path}?lang={language}")
            assert answer.ok, path
            paper = pypdfium2.PdfDocument(answer.body())
            buffer = io.BytesIO()
            paper[0].render(scale=PAPER_SCALE).to_pil().save(buffer, "PNG")
            paper.close()
            keep(buffer.getvalue(), SHELF / f"{name}-{language}-paper.png")


def sign_in(page: Page, who: str) -> None:
    if not who:
        return
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(f"{who}@munistem.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/")


def keep(picture: bytes, path: Path) -> None:
    """Save with as many colours as fit into MOST_BYTES; most pages are flat and need few."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        buffer = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    path.write_bytes(buffer.getvalue())
    print(f"{path.relative_to(BASE)}  {buffer.tell() // 1024} KB", flush=True)


if __name__ == "__main__":
    main()
