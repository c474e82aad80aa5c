"""Far down a list its rows are the same as they would be without passing over keys first."""

import pytest
from django.test import RequestFactory

from members.models import User
from munistem.commons.text import pages
from tests.members.factories import make_user

pytestmark = pytest.mark.django_db


def test_every_page_holds_what_the_list_holds(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(pages, "DEEP", 4)
    made = [make_user(name=f"Person {number:02}").pk for number in range(11)]
    rows = User.objects.filter(pk__in=made).order_by("-name")
    found = []
    for number in range(1, 5):
        request = RequestFactory().get("/", {"page": str(number)})
        with django_assert_num_queries(2):
            page = pages.page_of(request, rows, 3)
            found += [row.pk for row in page]
        assert page.number == number
        assert page.paginator.num_pages == 4
    assert found == made[::-1]


def test_rows_of_plain_values_and_lists_are_paged_too(monkeypatch):
    monkeypatch.setattr(pages, "DEEP", 1)
    made = [make_user(name=f"Person {number}").pk for number in range(4)]
    request = RequestFactory().get("/?page=2")
    rows = User.objects.filter(pk__in=made).order_by("name").values("pk", "name")
    assert [row["name"] for row in pages.page_of(request, rows, 2)] == ["Person 2", "Person 3"]
    assert list(pages.page_of(request, [1, 2, 3], 2)) == [3]
