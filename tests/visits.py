"""Looking at pages as somebody: in English, by their text, by what they cost, from a letter."""

import io
import re
import zipfile

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def read(client: Client, url: str, status: int = 200) -> str:
    """The page as text; another status fails."""
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def text_of(response) -> str:
    """What a response holds, with the files of an archive opened."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    return body.decode(errors="replace")


def count_queries(client: Client, url: str) -> int:
    """How many queries a page costs, once everything is warm."""
    read(client, url)
    with CaptureQueriesContext(connection) as captured:
        read(client, url)
    return len(captured)


def visitor() -> Client:
    """Somebody who is not signed in and reads English."""
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def link_in(letter) -> str:
    """The path of the button of a letter."""
    return re.search(r"https?://[^/\s]+(/\S+)", letter.body).group(1)
