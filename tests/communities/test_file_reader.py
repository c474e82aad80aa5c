"""Files of discussions page by page."""

import pytest
from django.core.files.base import ContentFile

from communities.enums import Access
from munistem.commons.files.models import FileKind, FilePage, FileState
from tests.communities.factories import make_attachment, make_community, make_membership, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


def paper(access=Access.REQUEST, **fields):
    topic = make_topic(make_community(access=access))
    fields = {"kind": FileKind.PDF, "name": "plan.pdf", "pages": 2, "state": FileState.READY, **fields}
    held = make_attachment(topic.posts.get(), text="One\fTwo", **fields)
    page = FilePage(file=held.file, number=1, width=10, height=14)
    page.picture.save("page", ContentFile(b"drawn"), save=True)
    return held, f"/topics/{topic.pk}/files/{held.file.key}"


def test_a_file_of_a_discussion_is_read_by_the_readers_of_the_post(client):
    held, address = paper()
    places = [f"{address}/read/", f"{address}/pages/1/"]
    assert [client.get(place).status_code for place in places] == [404, 404]
    client.force_login(make_membership(held.post.topic.community).person)
    page = client.get(places[0]).content.decode()
    assert held.post.topic.title in page
    assert 'id="page-2"' in page
    picture = client.get(places[1])
    assert picture.getvalue() == b"drawn"
    assert "immutable" not in picture.headers["Cache-Control"]
    assert client.get(f"{address}/pages/2/").status_code == 404
    assert f'href="{address}/read/"' in client.get(held.post.topic.get_absolute_url()).content.decode()
    assert client.get(f"{address}/read/?go=2").url == f"{address}/read/?page=2#page-2"


def test_pictures_are_shown_as_they_are(client):
    _held, address = paper(Access.OPEN, kind=FileKind.IMAGE, name="a.png")
    assert client.get(f"{address}/read/").url == f"{address}/"
