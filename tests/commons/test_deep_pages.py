"""Far down a list its rows are the same, in the same order, as if all before them had been passed over."""

import random

import pytest
from django.test import RequestFactory

from members.models import User
from munistem.commons.text import pages
from tests.members.factories import make_user

pytestmark = pytest.mark.django_db


def asked(number):
    return RequestFactory().get("/", {"page": str(number)})


@pytest.mark.parametrize("order", [("name", "pk"), ("-name", "-pk"), ("name", "language")], ids="-".join)
def test_every_page_holds_what_the_list_holds(monkeypatch, django_assert_num_queries, order):
    monkeypatch.setattr(pages, "DEEP", 4)
    chance = random.Random(26)
    made = [
        make_user(name=chance.choice("abc"), language=language)
        for language in ("he", "ar", "en") * 4 + ("he",)
    ]
    rows = User.objects.filter(pk__in=[person.pk for person in made]).order_by(*order)
    found = []
    for number in range(1, 6):
        with django_assert_num_queries(2):
            page = pages.page_of(asked(number), rows, 3)
            found += list(page)
        assert (page.number, page.paginator.num_pages) == (number, 5)
    if order[-1] == "language":  # of those that stand alike any may come first
        found, rows = [person.name for person in found], [person.name for person in rows]
    assert found == list(rows)


def test_stretches_are_reached_from_the_nearer_end(monkeypatch):
    monkeypatch.setattr(pages, "DEEP", 4)
    rows = list(range(23))
    for start in range(0, 23, 5):
        part = pages.Stretch.of(start, 5, len(rows))
        told = rows[::-1] if part.is_from_end else rows
        assert part.in_order(told[part.skip : part.skip + 5]) == rows[start : start + 5]
        assert part.skip == min(start, max(23 - start - 5, 0)) or start < 4
    assert pages.Stretch.of(20, 5, len(rows)) == (0, 3, True)


def test_rows_of_plain_values_and_lists_are_paged_too(monkeypatch):
    monkeypatch.setattr(pages, "DEEP", 1)
    made = [make_user(name=f"Person {number}").pk for number in range(4)]
    rows = User.objects.filter(pk__in=made).order_by("name").values("pk", "name")
    assert [row["name"] for row in pages.page_of(asked(2), rows, 2)] == ["Person 2", "Person 3"]
    assert list(pages.page_of(asked(2), [1, 2, 3], 2)) == [3]
