"""Files and films of an item as its page shows them."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.urls import reverse

from knowledge.models import Item, Revision
from munistem.commons.files.models import FileKind, FileState, Hint, ScanState
from munistem.commons.files.reading import advice, is_readable

VIDEO_HOSTS = {"youtube.com", "youtu.be", "vimeo.com", "youtube-nocookie.com", "player.vimeo.com"}
YOUTUBE, VIMEO = "https://www.youtube-nocookie.com", "https://player.vimeo.com"
KEY_OF_FILM = re.compile(r"[\w-]{6,20}", re.ASCII)
#: More than this is not sent in one file.
MOST_ZIPPED = 500 * 1024 * 1024


def shown_file(item: Item, row: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a file, out of ``file_rows``."""
    url = reverse("serve_item_file", args=[item.slug, row["key"]])
    kind = FileKind(row["kind"])
    hints = [hint for hint in row.get("hints") or () if hint in Hint.values]
    return {
        "name": row["title"] or row["name"],
        "url": url,
        "read_url": f"{url}read/" if is_readable(kind) else "",
        "preview_url": f"{url}preview/" if row["preview"] else "",
        "code": kind.value,
        "kind": kind.label,
        "size": row["size"],
        "pages": row["pages"],
        "alt": row["alt"],
        "is_decorative": row["is_decorative"],
        "is_waiting": row["state"] == FileState.WAITING,
        "scan": ScanState(row["scan"]).label,
        "hints": [{"words": Hint(hint).label, "advice": advice(hint)} for hint in hints],
    }


def zip_of(item: Item, revision: Any) -> str:
    """Where all files of a revision are had in one, when there are several and they are not too much; else ""."""
    rows = revision.file_rows
    if len(rows) < 2 or sum(row["size"] for row in rows) > MOST_ZIPPED:
        return ""
    return reverse("serve_item_files", args=[item.slug, revision.number])


def shown_link(row: dict[str, str]) -> dict[str, Any]:
    """What the page shows of a link; ``film`` is the address of its player, when it is a film that can be shown here."""
    parts = urlsplit(row["url"])
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    is_video = host in VIDEO_HOSTS or host.endswith(".vimeo.com")
    film = player_of(row["url"]) if is_video else ""
    return {
        "url": row["url"],
        "title": row["title"] or row["url"],
        "host": host,
        "is_video": is_video,
        "film": film,
    }


def player_of(url: str) -> str:
    """The address of a film in the player of YouTube or Vimeo that keeps no marks on people before it is played; or ""."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    steps = [step for step in parts.path.split("/") if step]
    if host in ("vimeo.com", "player.vimeo.com"):
        steps = [step for step in steps if step != "video"]
        if steps and steps[0].isascii() and steps[0].isdigit():
            private = f"&h={steps[1]}" if len(steps) > 1 and steps[1].isalnum() and steps[1].isascii() else ""
            return f"{VIMEO}/video/{steps[0]}?dnt=1{private}"
        return ""
    key = ""
    if host == "youtu.be" and steps:
        key = steps[0]
    elif host in ("youtube.com", "youtube-nocookie.com") and steps:
        if steps[0] == "watch":
            key = parse_qs(parts.query).get("v", [""])[0]
        elif steps[0] in ("embed", "shorts", "live", "v") and len(steps) > 1:
            key = steps[1]
    return f"{YOUTUBE}/embed/{key}?rel=0" if KEY_OF_FILM.fullmatch(key) else ""


def with_films(response: HttpResponse, links: list[dict[str, Any]]) -> HttpResponse:
    """Let a page open the players of the films it links to, and of no others."""
    hosts = sorted(
        {host for host in (YOUTUBE, VIMEO) for link in links if link["film"].startswith(f"{host}/")}
    )
    if hosts:
        response._csp_update = {"frame-src": hosts}  # type: ignore[attr-defined]
    return response


def files_of(revision: Revision) -> list[tuple[Any, str]]:
    """Stored files of a revision with their titles, in their order."""
    rows = revision.files.select_related("file").defer("file__text").order_by("position", "pk")
    return [(row.file, row.title) for row in rows]
