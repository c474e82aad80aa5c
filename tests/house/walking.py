"""A walk over the whole portal as somebody: what each address answers, and whose words stand in it."""

import io
import re
import zipfile
from collections.abc import Container, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote, urlsplit

import pypdfium2
from django.conf import settings
from django.test import Client

from tests.house.addresses import Address

LINK = re.compile(r'href="([^"#]*\?[^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What came: status, head and text; redirects are not followed."""

    address: Address
    status: int
    head: dict[str, str]
    text: str


def client_of(person: Any) -> Client:
    """Somebody who reads English; None is a visitor."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    if person and person.is_active:
        client.force_login(person)
    return client


def ask(client: Client, address: Address, method: str = "GET") -> Answer:
    """One request. What it leaves stays, so that what is kept of an answer for one meets those who ask after."""
    response = client.generic(method, address.url, "", "application/x-www-form-urlencoded")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Answer(address, response.status_code, dict(response.headers), text_in(body))


def text_in(body: bytes) -> str:
    """The words of a page, a table, an archive or a paper."""
    if body[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(body))
        return "\n".join([*archive.namelist(), *(text_in(archive.read(name)) for name in archive.namelist())])
    if body[:5] == b"%PDF-":
        return paper_text(body)
    return body.decode(errors="replace")


def paper_text(body: bytes) -> str:
    texts = []
    with closing(pypdfium2.PdfDocument(body)) as paper:
        for page in paper:
            with closing(page), closing(page.get_textpage()) as words:
                texts.append(words.get_text_range())
    return "\n".join(texts)


def walk(client: Client, addresses: Iterable[Address], lists: Container[str]) -> Iterator[Answer]:
    """Every address, then every narrower list, facet and further page that one of the ``lists`` links to."""
    asked = set()
    waiting = list(addresses)
    names = {address.url: address.name for address in waiting}
    while waiting:
        address = waiting.pop()
        if address.url in asked:
            continue
        asked.add(address.url)
        answer = ask(client, address)
        yield answer
        leads_on = "?" not in address.url and address.name in lists
        for link in LINK.findall(answer.text) if leads_on else ():
            url = unescape(link)
            path = urlsplit(url).path or urlsplit(address.url).path
            if (name := names.get(path)) and url.startswith(("/", "?")) and "lang=" not in url:
                waiting.append(Address(name, url if url.startswith("/") else f"{path}{url}"))


def own_words(address: Address) -> str:
    """What whoever asked has said already: an answer may repeat it."""
    return unquote(address.url)
