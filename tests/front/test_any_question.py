"""Whatever is typed into a box that searches, a page or a list of offers answers."""

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from munistem.commons.guards.models import Hit
from tests.commons.test_query import ODD
from tests.knowledge.factories import make_item, make_term
from tests.members.factories import make_admin, make_authority
from tests.visits import signed_in

pytestmark = pytest.mark.django_db
BOXES = [
    "/search/",
    "/search/?in=items",
    "/search/?in=people",
    "/search/complete/",
    "/knowledge/",
    "/knowledge/feed/",
    "/people/",
    "/organisations/",
    "/desk/",
    "/api/v1/items/find",
]


@pytest.mark.parametrize("box", BOXES)
def test_any_question_gets_an_answer(box):
    make_item(title="מעבדה ניידת", body="<p>A lab on wheels.</p>", terms=[make_term()])
    make_authority(name_he="כרמיאל")
    admin = signed_in(make_admin())
    address, _, chosen = box.partition("?in=")

    @settings(max_examples=25)
    @given(st.one_of(st.text(max_size=80), ODD))
    def ask(text):
        Hit.objects.all().delete()
        response = admin.get(address, {"q": text.encode("utf-8", "replace"), "in": chosen})
        # What no text of ours can hold is turned away in words; programs that ask nothing are told so.
        told = 400 if "\0" in text else 422 if box.startswith("/api/") and not text.strip() else 200
        assert response.status_code == told, (box, text)

    ask()
    cache.clear()
