"""Items: what writing and keeping them changes and refuses, whom it tells, what haste does to it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from knowledge.actions import keep, review, write
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision
from members.models import Representative, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event
from munistem.commons.terms.models import Term, TermKind
from tests.commons.factories import docx, pdf, uploaded
from tests.communities.factories import make_community
from tests.knowledge.factories import (
    begun,
    content,
    make_file,
    make_item,
    make_revision,
    make_term,
    submitted,
)
from tests.members.factories import make_admin, make_authority, make_member, make_user
from tests.moments import at_once
from tests.notices import told_pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_member(name="Author", is_manager=True)


# Writing -----------------------------------------------------------------------------------------------


def test_draft_begins_unseen_untold_and_unfound(author):
    item = begun(author)
    revision = item.revisions.get()
    assert (revision.state, revision.number, item.published) == (RevisionState.DRAFT, 1, None)
    assert item.slug == "a-lab-in-every-school"
    assert told_pairs() == []
    assert not Item.objects.matching("lab")
    assert AuditEvent.objects.filter(deed="start_item", actor=author).exists()


def test_everything_that_was_filled_in_is_kept(author):
    community, place, known = make_community(), make_authority(), make_term(name_en="Robotics")
    item = begun(
        author,
        fields={
            "visibility": Visibility.COMMUNITY,
            "community": community,
            "life_stages": ["primary"],
            "settings": ["formal"],
            "authority": place,
            "licence": "network",
            "contact": "Dana, 04-1234567",
            "valid_until": timezone.localdate() + timedelta(days=30),
            "terms": [make_term(kind=TermKind.POPULATION)],
            "tags": ["robotics", "Fab lab"],
            "links": [("https://example.org/", "A film"), ("https://example.com/", "")],
        },
        files=[uploaded("plan.pdf", pdf()), uploaded("more.docx", docx())],
        organisation=author.mandates[0].organisation,
    )
    revision = Revision.objects.get()
    assert (item.visibility, item.community, item.organisation) == (
        Visibility.COMMUNITY,
        community,
        author.mandates[0].organisation,
    )
    assert (revision.life_stages, revision.settings, revision.authority) == (["primary"], ["formal"], place)
    assert (revision.licence, revision.contact) == ("network", "Dana, 04-1234567")
    assert known in revision.tags.all()
    assert Term.objects.get(name="Fab lab").is_curated is False
    assert revision.tags.count() == 3
    assert list(revision.links.values_list("url", flat=True)) == [
        "https://example.org/",
        "https://example.com/",
    ]
    assert [held.file.name for held in revision.files.order_by("position")] == ["plan.pdf", "more.docx"]


def test_who_may_not_add_adds_nothing(author):
    for person in (make_member(), make_user()):
        with pytest.raises(write.TooLate):
            begun(person)
    Representative.objects.filter(person=author).update(until_on=timezone.localdate())
    with pytest.raises(write.TooLate):
        begun(User.objects.get(pk=author.pk))
    assert not Item.objects.exists()


def test_form_sent_twice_makes_one_item_and_one_revision(author):
    nonce = uuid4()
    item = begun(author, nonce=nonce)
    assert begun(author, nonce=nonce) == item
    assert begun(make_member(is_manager=True), nonce=nonce) != item
    nonce, seen = uuid4(), item.revisions.get().marker
    first = write.save_item(by=author, item=item, content=content(title="Better"), seen=seen, nonce=nonce)
    assert (
        write.save_item(by=author, item=item, content=content(title="Better"), seen=seen, nonce=nonce)
        == first
    )
    assert item.revisions.get().version == 2


def test_titles_of_pages_and_equal_titles_get_addresses_of_their_own(author):
    slugs = [
        begun(author, fields={"title": title}).slug for title in ("Tags", "New", "A lab", "A lab", "!!!")
    ]
    assert len(set(slugs)) == 5
    assert not set(slugs) & write.TAKEN_SLUGS
    assert begun(author, fields={"title": "מעבדה בכל בית ספר"}).slug == "מעבדה-בכל-בית-ספר"


def test_sending_tells_the_knowledge_managers(author, reviewer):
    revision = submitted(author)
    assert (revision.state, told_pairs()) == (RevisionState.SUBMITTED, [("item_submitted", "Reviewer")])
    event = Event.objects.get()
    assert visible_events(reviewer, [event]) == {event.pk}
    assert not visible_events(author, [event])


def test_while_there_is_no_knowledge_manager_admins_are_told(author):
    make_admin(name="Admin")
    submitted(author)
    assert told_pairs() == [("item_submitted", "Admin")]


def test_author_who_saves_a_draft_takes_it_back_from_review(author, reviewer):
    revision = submitted(author)
    saved = write.save_item(by=author, item=revision.item, content=content(), seen=revision.marker)
    assert (saved.pk, saved.state, saved.submitted_at) == (revision.pk, RevisionState.DRAFT, None)
    with pytest.raises(review.TooLate):
        review.publish(by=reviewer, revision=revision)


def test_reviewer_may_mend_what_waits_without_taking_it_back(author, reviewer):
    revision = submitted(author)
    saved = write.save_item(
        by=reviewer, item=revision.item, content=content(title="Mended"), seen=revision.marker
    )
    assert (saved.state, saved.title) == (RevisionState.SUBMITTED, "Mended")


def test_saving_again_keeps_the_place_in_the_queue(author, reviewer):
    revision = submitted(author)
    saved = write.save_item(
        by=author, item=revision.item, content=content(title="Later"), seen=revision.marker, submits=True
    )
    assert saved.submitted_at == revision.submitted_at
    assert told_pairs() == [("item_submitted", "Reviewer")]


def test_change_of_what_is_published_is_a_new_revision_while_the_old_stays(author):
    item = make_item(
        created_by=author, title="Old words", visibility=Visibility.NETWORK, links=["https://a.example/"]
    )
    old = item.published
    held, left_out = make_file(old, text="aquarium"), make_file(old)
    changed = write.save_item(
        by=author,
        item=item,
        content=content(title="New words", links=[]),
        seen=old.marker,
        files=[uploaded("more.pdf", pdf())],
        dropped=[left_out.pk],
    )
    item.refresh_from_db()
    assert (changed.number, changed.state, item.published) == (2, RevisionState.DRAFT, old)
    assert (item.visibility, old.links.count(), changed.links.count()) == (Visibility.NETWORK, 1, 0)
    assert [row.file.name for row in changed.files.order_by("position")] == [held.file.name, "more.pdf"]
    assert set(old.files.all()) == {held, left_out}
    assert list(Item.objects.matching("old words")) == [item]
    assert not Item.objects.matching('"new words"')


def test_stale_edit_changes_nothing(author):
    item = make_item(created_by=author)
    seen = item.published.marker
    write.save_item(by=author, item=item, content=content(title="First"), seen=seen)
    with pytest.raises(write.StaleEdit):
        write.save_item(by=author, item=item, content=content(title="Second"), seen=seen)
    assert [row.title for row in item.revisions.open()] == ["First"]


def test_item_holds_so_many_files_and_no_more(author):
    item = make_item(RevisionState.DRAFT, created_by=author)
    for _ in range(write.MOST_FILES):
        make_file(item.revisions.get())
    with pytest.raises(write.TooManyFiles):
        write.save_item(
            by=author,
            item=item,
            content=content(),
            seen=item.revisions.get().marker,
            files=[uploaded("a.pdf", pdf())],
        )
    assert item.revisions.get().files.count() == write.MOST_FILES


def test_file_that_nothing_holds_any_more_is_deleted(author, django_capture_on_commit_callbacks):
    item = make_item(RevisionState.DRAFT, created_by=author)
    held = make_file(item.revisions.get())
    with django_capture_on_commit_callbacks(execute=True):
        write.save_item(
            by=author, item=item, content=content(), seen=item.revisions.get().marker, dropped=[held.pk]
        )
    assert not StoredFile.objects.exists()


def test_stranger_changes_nothing(author):
    item = make_item()
    with pytest.raises(write.TooLate):
        write.save_item(by=author, item=item, content=content(), seen=item.published.marker)


def test_changes_are_given_up_and_the_published_stays(author, django_capture_on_commit_callbacks):
    item = make_item(created_by=author)
    kept = make_file(item.published)
    changed = write.save_item(
        by=author, item=item, content=content(), seen=item.published.marker, files=[uploaded("a.pdf", pdf())]
    )
    with django_capture_on_commit_callbacks(execute=True):
        write.drop_changes(by=author, revision=changed)
    assert item.revisions.get() == item.published
    assert StoredFile.objects.get() == kept.file
    with pytest.raises(write.TooLate):
        write.drop_changes(by=author, revision=changed)


# Keeping -----------------------------------------------------------------------------------------------


def test_withdrawn_item_leaves_the_library_and_comes_back(author, reviewer):
    item = make_item(created_by=author)
    make_revision(item, RevisionState.SUBMITTED)
    keep.withdraw(by=reviewer, item=item, reason="Outdated")
    assert not Item.objects.published().exists()
    assert item.revisions.open().get().state == RevisionState.DRAFT
    assert told_pairs() == [("item_withdrawn", "Author")]
    for deed in (
        lambda: keep.withdraw(by=reviewer, item=item, reason="Again"),
        lambda: keep.restore(by=author, item=item),
    ):
        with pytest.raises(keep.Kept):
            deed()
    keep.restore(by=reviewer, item=item)
    assert Item.objects.published().get() == item
    with pytest.raises(keep.Kept):
        keep.restore(by=reviewer, item=item)


def test_nobody_is_told_of_what_they_did_themselves(author):
    keep.withdraw(by=author, item=make_item(created_by=author), reason="Slip")
    assert told_pairs() == []


def test_what_is_withdrawn_can_not_be_written_or_decided(author, reviewer):
    item = make_item(created_by=author)
    revision = make_revision(item, RevisionState.SUBMITTED)
    keep.withdraw(by=author, item=item, reason="Slip")
    with pytest.raises(write.TooLate):
        write.save_item(by=author, item=item, content=content(), seen=revision.marker)
    with pytest.raises(review.TooLate):
        review.publish(by=reviewer, revision=revision)


# At once -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_four_times_at_once_makes_one_item():
    author, nonce = make_member(is_manager=True), uuid4()
    answers = at_once(*[lambda: begun(User.objects.get(pk=author.pk), nonce=nonce, submits=True).pk] * 4)
    assert len(set(answers)) == Item.objects.count() == Revision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_once_do_not_overwrite_each_other():
    author = make_member(is_manager=True)
    item = make_item(created_by=author)
    seen = item.published.marker

    def save(title):
        return write.save_item(by=author, item=item, content=content(title=title), seen=seen).title

    answers = at_once(*[lambda n=n: save(f"Title {n}") for n in range(3)])
    assert sum(isinstance(one, write.StaleEdit) for one in answers) == 2
    assert item.revisions.open().get().title in answers
