"""Searches that found nothing: what is kept of them, who reads the list, what readers are offered instead."""

from datetime import timedelta

import pytest
from django.utils import timezone

from munistem.commons.audit.actions import key
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility
from munistem.commons.models import UnansweredSearch
from munistem.commons.search.unanswered.actions import (
    Settled,
    forget_searches,
    note_unanswered,
    settle_search,
    spelling_of,
)
from tests import visits
from tests.commons.factories import make_search
from tests.communities.factories import make_community, make_membership
from tests.knowledge.factories import make_item
from tests.members.factories import make_admin, make_member, make_user

pytestmark = pytest.mark.django_db


def test_what_one_person_typed_is_read_by_nobody():
    search = make_search(people=1)
    note_unanswered(query="Lighthouse  GRANTS", asker="person 0", language="he")
    search.refresh_from_db()
    assert (search.times, search.is_shared, len(search.askers)) == (2, False, 1)
    assert not UnansweredSearch.objects.visible_to(make_admin()).exists()


def test_with_a_second_person_it_is_listed_and_the_askers_are_forgotten():
    search = make_search(people=2)
    assert (search.times, search.is_shared, search.askers) == (2, True, [])
    note_unanswered(query="lighthouse grants", asker="person 0", language="en")
    search.refresh_from_db()
    assert (search.times, search.is_shared, search.askers) == (3, True, [])


def test_only_those_who_keep_the_library_read_the_list():
    search = make_search()
    seen = UnansweredSearch.objects.visible_to
    for person in (make_admin(), make_user(is_knowledge_manager=True)):
        assert list(seen(person)) == [search]
    for person in (make_member(), make_user()):
        assert not seen(person).exists()


@pytest.mark.parametrize(
    "query",
    ["dana@example.org", "050-123 4567", "03-1234567", "123456782", "a", "!!!", "word " * 9, "x" * 130],
)
def test_personal_details_and_scribbles_are_not_kept(query):
    assert not note_unanswered(query=query, asker="a", language="en")
    assert not UnansweredSearch.objects.exists()


def test_all_ways_to_type_it_are_one_search():
    assert spelling_of("מלגות  לתב״ל") == spelling_of('מַלְגּוֹת לתב"ל')


def test_page_that_finds_nothing_notes_the_search_once_a_look(client):
    client.get("/search/?q=lighthouse")
    client.force_login(make_member())
    client.get("/search/?q=lighthouse")
    search = UnansweredSearch.objects.get()
    assert (search.text, search.times, search.is_shared) == ("lighthouse", 2, True)


def test_what_is_found_is_not_noted(client):
    make_item(title="Lighthouse")
    client.get("/search/?q=lighthouse")
    client.get("/search/?q=lighthouse&in=people")
    assert not UnansweredSearch.objects.exists()


def test_what_holds_little_of_the_question_is_shown_and_noted(client, read):
    for word in ("gardens", "museums", "bridges"):
        make_item(title=f"Families and {word}")
    page = read("/search/?q=quantum+entanglement+families")
    assert "and museums" in page
    assert "Nothing here holds all that you asked for" in page
    assert UnansweredSearch.objects.get().text == "quantum entanglement families"


def test_what_holds_most_of_the_question_answers_it(client, read):
    make_item(title="Quantum entanglement in school")
    make_item(title="Families")
    page = read("/search/?q=quantum+entanglement+families")
    assert "in school" in page
    assert "Nothing here holds all" not in page
    assert not UnansweredSearch.objects.exists()


def test_list_shows_the_most_wanted_first(client, read):
    make_search("robots for all")
    wanted = make_search("lighthouse grants", people=3)
    make_search("typed once", people=1)
    make_search("settled", settled_at=timezone.now(), settled_by=make_admin())
    client.force_login(make_user(is_knowledge_manager=True))
    assert "2 searches found nothing" in read("/desk/")
    page = read("/desk/searches/")
    assert page.index("lighthouse grants") < page.index("robots for all")
    assert f"/desk/searches/{wanted.pk}/" in page
    assert "typed once" not in page
    assert "settled" not in page


def test_others_have_no_list(client, read):
    search = make_search()
    client.force_login(make_member())
    for url in ("/desk/searches/", f"/desk/searches/{search.pk}/", "/desk/searches/items/?q=a"):
        read(url, status=403)


def test_search_of_one_person_has_no_page(client, read):
    search = make_search(people=1)
    client.force_login(make_admin())
    read(f"/desk/searches/{search.pk}/", status=404)


def test_librarian_answers_and_readers_are_led_there(client, read):
    item = make_item(title="Beacon fund")
    search = make_search()
    librarian = make_user(is_knowledge_manager=True)
    client.force_login(librarian)
    assert [one["value"] for one in client.get("/desk/searches/items/?q=beacon").json()] == [item.slug]
    url = f"/desk/searches/{search.pk}/"
    assert "lighthouse grants" in read(url)
    response = client.post(url, {"deed": "answer", "item": item.slug})
    assert response.status_code == 302
    search.refresh_from_db()
    assert (search.answer, search.settled_by) == (key(item), librarian)
    assert AuditEvent.objects.filter(deed="settle_search").count() == 1
    page = visits.read(visits.visitor(), "/search/?q=lighthouse+grants")
    assert "Perhaps you are looking for this" in page
    assert item.get_absolute_url() in page


def test_answer_is_shown_to_those_who_may_see_it(client, read):
    item = make_item(title="Beacon fund", visibility=Visibility.NETWORK)
    settle_search(by=make_admin(), search=make_search(), answer=item)
    assert "Beacon fund" not in read("/search/?q=lighthouse+grants")
    client.force_login(make_member())
    assert "Beacon fund" in read("/search/?q=lighthouse+grants")


def test_unknown_item_is_refused_and_what_was_typed_kept(client):
    search = make_search()
    client.force_login(make_admin())
    response = client.post(f"/desk/searches/{search.pk}/", {"deed": "answer", "item": "no such thing"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "No published item is called so" in page
    assert "no such thing" in page


def test_dismissed_search_is_gone_and_settled_once(client):
    search = make_search()
    client.force_login(make_admin())
    for _ in range(2):
        assert client.post(f"/desk/searches/{search.pk}/", {"deed": "dismiss"}).status_code == 302
    search.refresh_from_db()
    assert search.settled_at
    assert search.answer == ""
    assert AuditEvent.objects.filter(deed="settle_search").count() == 1
    with pytest.raises(Settled):
        settle_search(by=make_admin(), search=search)


def test_searches_are_forgotten_in_time():
    now = timezone.now()
    alone, shared = make_search("typed once", people=1), make_search("typed by two")
    answered = make_search("answered")
    settle_search(by=make_admin(), search=answered, answer=make_item())
    assert forget_searches(now) == 0
    assert forget_searches(now + timedelta(days=31)) == 1
    assert not UnansweredSearch.objects.filter(pk=alone.pk).exists()
    assert forget_searches(now + timedelta(days=401)) == 1
    assert not UnansweredSearch.objects.filter(pk=shared.pk).exists()
    assert UnansweredSearch.objects.get() == answered


def test_member_is_offered_to_ask_with_the_words_filled_in(client, read):
    community = make_community(name="Makers")
    make_community(name="Strangers")
    client.force_login(make_membership(community).person)
    page = read("/search/?q=lighthouse+grants")
    link = f"/communities/{community.slug}/topics/new/?title=lighthouse+grants"
    assert link in page
    assert "Strangers" not in page
    assert 'value="lighthouse grants"' in read(link)


def test_empty_kind_leads_to_what_was_found_elsewhere(read):
    make_item(title="Lighthouse")
    page = read("/search/?q=lighthouse&in=topics")
    assert "See all results" in page


def test_list_costs_the_same_for_one_and_thirty(client, count_queries):
    make_search("search number 0")
    client.force_login(make_admin())
    few = count_queries("/desk/searches/")
    for number in range(1, 30):
        make_search(f"search number {number}")
    assert count_queries("/desk/searches/") == few <= 15
