"""Pieces of pages, kept by what they say."""

from datetime import UTC, datetime

import pytest
from django.template import Context, engines
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from communities.enums import Access, Moderation
from communities.models import Membership
from munistem.commons.pieces import STORE, Store, frozen


def test_kept_piece_knows_nothing_but_what_it_names():
    template = engines["django"].from_string(
        "{% kept name %}{{ name }}{% if secret %}!{% endif %}{% endkept %}"
    )
    assert template.render({"name": "one", "secret": True}) == "one"


def test_kept_piece_is_printed_once_for_all_that_it_says():
    template = engines["django"].from_string("{% kept row %}{{ row.name }}{% endkept %}")
    before = len(STORE.pieces)
    said = [template.render({"row": {"name": name}}) for name in ("a", "b", "a", "b")]
    assert said == ["a", "b", "a", "b"]
    assert len(STORE.pieces) == before + 2


def test_kept_piece_is_of_one_language():
    template = engines["django"].from_string('{% kept %}{% translate "Communities" %}{% endkept %}')
    said = []
    for language in ("he", "en", "he"):
        with override(language):
            said.append(template.render({}))
    assert said[0] == said[2] != said[1] == "Communities"


def test_kept_piece_gets_the_token_of_its_answer():
    template = engines["django"].from_string("{% kept %}{% csrf_token %}{% endkept %}")
    one, other = (template.template.render(Context({"csrf_token": token})) for token in ("first", "second"))
    assert 'value="first"' in one
    assert one.replace("first", "second") == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        ("<b>", mark_safe("<b>")),
        (Access.OPEN, "open"),
        ((1,), (True,)),
        ({"a": 1}, {"b": 1}),
        ({"a": None}, {"a": ""}),
        ([], {}),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (1, 1.0),
    ],
    ids=str,
)
def test_what_prints_differently_is_kept_apart(one, other):
    assert frozen(one) != frozen(other)


def test_same_words_are_the_same_piece():
    assert frozen({"a": [1, "x"], "b": gettext_lazy("Communities")}) == frozen(
        {"a": [1, "x"], "b": gettext_lazy("Communities")}
    )
    assert frozen(Moderation.AFTER) == frozen(Moderation("after"))


def test_row_of_the_database_is_refused():
    with pytest.raises(TypeError, match="Membership cannot be part of what is kept"):
        frozen({"row": Membership()})


def test_store_forgets_what_was_not_asked_for_longest():
    store = Store(most=5_000)
    for key in "אבג":
        store.put(key, key * 1_000)
        store.get("א")
    assert (store.get("א"), store.get("ב"), store.get("ג")) == ("א" * 1_000, None, "ג" * 1_000)
    assert 4_000 < store.size < 5_000  # two bytes a letter


def test_store_counts_what_it_replaces_once():
    store = Store(most=5_000)
    store.put("a", "1" * 3_000)
    store.put("a", "1" * 1_000)
    assert 1_000 < store.size < 2_000
