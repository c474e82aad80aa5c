"""One work in several languages: each its own item, one of them in every list, the others one tap away."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from knowledge.actions import write
from knowledge.enums import RevisionState
from knowledge.models import Item
from knowledge.rules import can_add_edition
from munistem.commons.enums import Visibility
from tests.knowledge.factories import begun, content, make_item, make_term
from tests.members.factories import make_authority, make_member, make_representative, make_user
from tests.visits import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def work():
    """Hebrew first, an Arabic edition for everyone, an English one for the network."""
    first = make_item(title="מעבדה", language="he", created_by=make_member(is_manager=True))
    shared = {"edition_of": first, "created_by": first.created_by}
    arabic = make_item(title="مختبر", language="ar", **shared)
    english = make_item(title="Laboratory", language="en", visibility=Visibility.NETWORK, **shared)
    return first, arabic, english


@pytest.fixture
def visitor():
    return AnonymousUser()


def shown(user, language, **where):
    rows = Item.objects.visible_to(user).published().filter(**where).one_per_work(language)
    return {row.language for row in rows}


def test_list_shows_the_readers_language_else_the_first(work, visitor):
    assert [shown(visitor, code) for code in ("he", "ar", "en")] == [{"he"}, {"ar"}, {"he"}]
    assert [shown(make_member(), code) for code in ("he", "ar", "en")] == [{"he"}, {"ar"}, {"en"}]


def test_first_one_that_may_not_be_seen_leaves_one_of_the_others(work, visitor):
    first, _arabic, english = work
    Item.objects.filter(pk=first.pk).update(visibility=Visibility.NETWORK)
    Item.objects.filter(pk=english.pk).update(visibility=Visibility.PUBLIC)
    assert [shown(visitor, code) for code in ("he", "ar", "en")] == [{"ar"}, {"ar"}, {"en"}]


def test_what_was_not_found_hides_nothing(work, visitor):
    assert shown(visitor, "ar", published__title="מעבדה") == {"he"}


def test_facets_count_a_work_once_and_each_of_its_languages(work, visitor):
    make_item(language="ar")
    counts = Item.objects.visible_to(visitor).published().count_facets({}, "he")
    assert dict(counts["kind"]) == {"guide": 2}
    assert dict(counts["language"]) == {"he": 1, "ar": 2}
    counts = Item.objects.visible_to(make_member()).published().count_facets({"kind": "guide"}, "en")
    assert dict(counts["language"]) == {"he": 1, "ar": 2, "en": 1}
    assert sum(counts["kind"].values()) == 2


def test_library_shows_and_counts_one_of_each_work(client, work):
    page = read(client, "/knowledge/")
    assert "one item" in page
    assert "מעבדה" in page
    assert "مختبر" not in page
    page = read(client, "/knowledge/?language=ar")
    assert "one item" in page
    assert "مختبر" in page


def test_item_page_leads_to_the_editions_that_the_reader_may_see(client, work):
    first, arabic, english = work
    page = read(client, first.get_absolute_url())
    assert f'href="{arabic.get_absolute_url()}" hreflang="ar"' in page
    assert "Laboratory" not in page
    assert english.slug not in page
    client.force_login(make_member())
    assert "Laboratory" in read(client, arabic.get_absolute_url())


def test_keeper_is_asked_for_what_is_missing(client, author):
    item = make_item(created_by=author, language="he")
    make_item(RevisionState.DRAFT, edition_of=item, language="ar")
    Item.objects.filter(edition_of=item).update(language="ar")
    page = read(client, item.get_absolute_url())
    assert f"{item.get_absolute_url()}editions/en/" in page
    assert f"{item.get_absolute_url()}editions/ar/" not in page
    assert "Being written" in page
    client.force_login(make_member())
    assert "editions/en/" not in read(client, item.get_absolute_url())


def test_edition_begins_with_the_description_and_an_empty_text(client, author):
    place, term = make_authority(name_en="Karmiel"), make_term(slug="robots")
    item = make_item(created_by=author, language="he", title="מעבדה", summary="Short", body="<p>Long</p>", kind="call",
                     authority=place, terms=[term], life_stages=["primary"],
                     details={"deadline": "2099-01-01", "amount": "A lot"})  # fmt: skip
    address = f"{item.get_absolute_url()}editions/en/"
    form = client.get(address).context["form"]
    begins = {
        name: form[name].value() for name in ("title", "summary", "body", "kind", "authority", "language")
    }
    assert begins == {
        "title": None,
        "summary": None,
        "body": None,
        "kind": "call",
        "authority": place.pk,
        "language": "en",
    }
    assert (form["subjects"].value(), form["life_stages"].value()) == (["robots"], ["primary"])
    assert (form["call-deadline"].value(), form["call-amount"].value()) == ("2099-01-01", "")
    sent = {"title": "Laboratory", "summary": "In short", "body": "<p>How</p>", "kind": "guide", "language": "he",
            "visibility": "public", "privacy": "none"}  # fmt: skip
    page = client.post(address, sent).content.decode()
    assert "Select a valid choice" in page
    client.post(address, {**sent, "language": "en"})
    edition = Item.objects.get(edition_of=item)
    assert (edition.language, edition.revisions.get().state) == ("en", RevisionState.SUBMITTED)
    assert client.get(address).url == edition.get_absolute_url()
    form = client.get(f"{edition.get_absolute_url()}edit/").context["form"]
    assert [code for code, _label in form.fields["language"].choices] == ["en"]
    form = client.get(f"{item.get_absolute_url()}edit/").context["form"]
    assert [code for code, _label in form.fields["language"].choices] == ["he", "ar"]


def test_stranger_may_not_begin_an_edition(client, work):
    first, arabic, _english = work
    client.force_login(make_member(is_manager=True))
    address = f"{first.get_absolute_url()}editions/en/"
    assert client.get(address).status_code == 403
    assert client.get(f"{first.get_absolute_url()}editions/fr/").status_code == 404
    assert not can_add_edition(first.created_by, arabic)
    assert can_add_edition(make_user(is_knowledge_manager=True), first)


def test_language_is_taken_once(author):
    item = make_item(created_by=author, language="he")
    edition = begun(author, edition_of=item, fields={"language": "ar"})
    assert edition.edition_of == item
    with pytest.raises(write.TooLate):
        begun(author, edition_of=item, fields={"language": "ar"})
    with pytest.raises(write.TooLate):
        begun(author, edition_of=item, fields={"language": "he"})
    with pytest.raises(write.TooLate):
        write.save_item(by=author, item=item, content=content(language="ar"), seen=item.published.marker)


def test_database_keeps_editions_of_the_first_alone(work):
    first, arabic, _english = work
    other = make_item()
    for change in ({"pk": other.pk, "edition_of": arabic}, {"pk": first.pk, "edition_of": other}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.filter(pk=change["pk"]).update(edition_of=change["edition_of"])


def test_list_asks_as_much_for_many_editions(client, django_assert_num_queries):
    def pair():
        make_item(edition_of=make_item(language="he"), language="ar")

    pair()
    with CaptureQueriesContext(connection) as few:
        read(client, "/knowledge/")
    for _ in range(5):
        pair()
    with django_assert_num_queries(len(few)):
        read(client, "/knowledge/")
    assert len(few) <= 8


def test_page_of_an_item_asks_few_questions_of_the_database(client, work):
    first, _arabic, _english = work
    with CaptureQueriesContext(connection) as asked:
        read(client, first.get_absolute_url())
    assert len(asked) <= 8


def test_form_of_an_edition_asks_no_more_than_15_questions(client):
    mandate = make_representative(is_manager=True)
    item = make_item(
        language="he", organisation=mandate.organisation, terms=[make_term()], links=["https://a.example"]
    )
    client.force_login(mandate.person)
    with CaptureQueriesContext(connection) as asked:
        read(client, f"{item.get_absolute_url()}editions/en/")
    assert len(asked) <= 15
