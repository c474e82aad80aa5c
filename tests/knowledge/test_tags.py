"""Tags: free words that join the vocabulary or a word of it, once and by reviewers alone."""

import pytest

from knowledge.actions import tags
from knowledge.models import Item
from munistem.commons.audit.models import AuditEvent
from munistem.commons.terms.models import TermKind
from tests.knowledge.factories import make_item, make_term
from tests.members.factories import make_member, make_user
from tests.moments import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_member(name="Author", is_manager=True)


def test_free_word_that_the_vocabulary_knows_is_its_term():
    known = make_term(name_he="רובוטיקה", name_en="Robotics", synonyms=["רובוטים", "LEGO league"])
    for word in ("robotics", "רובוטיקה", "רובוטים", "lego League"):
        assert tags.terms_for([word]) == [known]
    free = tags.terms_for(["Fab Lab"])[0]
    assert not free.is_curated
    assert tags.terms_for(["fab lab"]) == [free]


def test_tag_joins_a_word_and_what_bore_it_is_found_there(reviewer):
    word = make_term(name_en="Robotics", slug="robotics")
    free = make_term(name="Robots4all", is_curated=False, kind=TermKind.FREE)
    item, both = make_item(terms=[free]), make_item(terms=[free, word])
    tags.join_tag(by=reviewer, tag=free, into=word)
    word.refresh_from_db()
    assert word.synonyms == ["Robots4all"]
    assert set(Item.objects.matching("robotics")) == {item, both}
    assert set(Item.objects.matching("robots4all")) == {item, both}
    assert list(both.published.tags.all()) == [word]
    item.refresh_from_db()
    assert "subject:robotics" in item.facets
    assert AuditEvent.objects.get(deed="join_tag").details == {"tag": "Robots4all"}
    with pytest.raises(tags.Settled):
        tags.join_tag(by=reviewer, tag=free, into=word)


def test_tag_becomes_a_word_of_the_vocabulary(reviewer):
    free = make_term(name="Makers", is_curated=False, kind=TermKind.FREE, slug="makers")
    item = make_item(terms=[free])
    names = {"he": "מייקרים", "ar": "صانعون", "en": "Makers"}
    tags.adopt_tag(by=reviewer, tag=free, kind=TermKind.SUBJECT, names=names)
    item.refresh_from_db()
    assert "subject:makers" in item.facets
    assert list(Item.objects.matching("صانعون")) == [item]
    with pytest.raises(tags.Settled):
        tags.adopt_tag(by=reviewer, tag=free, kind=TermKind.SUBJECT, names=names)


def test_only_reviewers_put_tags_in_order(author):
    free = make_term(is_curated=False, kind=TermKind.FREE)
    with pytest.raises(tags.Settled):
        tags.join_tag(by=author, tag=free, into=make_term())


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_a_tag_at_once_settle_it_once():
    reviewer, word = make_user(is_knowledge_manager=True), make_term()
    free = make_term(is_curated=False, kind=TermKind.FREE)
    make_item(terms=[free])
    answers = at_once(*[lambda: tags.join_tag(by=reviewer, tag=free, into=word).pk] * 3)
    assert answers.count(word.pk) == 1
    assert sum(isinstance(one, tags.Settled) for one in answers) == 2
