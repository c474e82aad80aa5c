"""Items and revisions: what each deed changes and refuses, whom it tells, what haste does to it; search as one writes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from knowledge.actions import keep, review, tags, write
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision
from members.models import Representative, User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility
from munistem.commons.files.models import StoredFile
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event, Notice
from munistem.commons.terms.models import Term, TermKind
from tests.commons.factories import docx, pdf, uploaded
from tests.communities.factories import make_community
from tests.knowledge.factories import make_file, make_item, make_revision, make_term
from tests.members.factories import make_admin, make_authority, make_member, make_user
from tests.moments import at_once
from tests.notices import told_pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_member(name="Author", is_manager=True)


def content(**fields):
    return {
        "title": "A lab in every school",
        "summary": "How we opened twelve labs.",
        "body": "<p>Begin with the teachers.</p>",
        "kind": "guide",
        "language": "en",
        "visibility": Visibility.PUBLIC,
        **fields,
    }


def begun(author, **options):
    return write.start_item(by=author, content=content(**options.pop("fields", {})), **options)


def submitted(author, **options):
    return begun(author, submits=True, **options).revisions.get()


# Writing -------------------------------------------------------------------------------------------------


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
    assert not Item.objects.matching("new words")


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


# Reviewing -----------------------------------------------------------------------------------------------


def test_published_item_is_public_found_and_its_author_told(author, reviewer, run_jobs):
    revision = submitted(author, fields={"tags": ["Fab lab"]}, files=[uploaded("plan.pdf", pdf("wetlab"))])
    Notice.objects.all().delete()
    review.publish(by=reviewer, revision=revision, seen=revision.marker)
    item = Item.objects.get()
    assert (item.published, item.published_at is not None) == (revision, True)
    for query in ("lab in every", "twelve labs", "begin with the teachers", "fab lab", "plan.pdf"):
        assert list(Item.objects.matching(query)) == [item], query
    assert {"kind:guide", "language:en"} <= set(item.facets)
    assert told_pairs() == [("item_published", "Author")]
    run_jobs()
    assert list(Item.objects.matching("wetlab")) == [item]
    assert [letter.to for letter in mail.outbox] == [[author.email]]


def test_next_revision_replaces_the_one_before_with_its_visibility(author, reviewer):
    item = make_item(created_by=author, title="Old words")
    old, changed = (
        item.published,
        make_revision(item, RevisionState.SUBMITTED, title="New words", visibility=Visibility.NETWORK),
    )
    first_time = item.published_at
    review.publish(by=reviewer, revision=changed)
    item.refresh_from_db()
    old.refresh_from_db()
    assert (item.published, old.state) == (changed, RevisionState.REPLACED)
    assert (item.visibility, item.published_at) == (Visibility.NETWORK, first_time)
    assert list(Item.objects.matching("new words")) == [item]
    assert not Item.objects.matching("old words")


def test_returned_revision_carries_its_reason_to_the_author(author, reviewer, run_jobs):
    revision = submitted(author)
    Notice.objects.all().delete()
    review.return_with_reason(by=reviewer, revision=revision, reason="Name the costs.", seen=revision.marker)
    revision.refresh_from_db()
    assert (revision.state, revision.reason, revision.decided_by) == (
        RevisionState.RETURNED,
        "Name the costs.",
        reviewer,
    )
    assert told_pairs() == [("item_returned", "Author")]
    assert AuditEvent.objects.get(deed="return_revision").details["reason"] == "Name the costs."
    run_jobs()
    letter = mail.outbox[-1]
    assert (letter.to, "Name the costs." in letter.body) == ([author.email], True)
    again = write.save_item(
        by=author, item=revision.item, content=content(), seen=revision.marker, submits=True
    )
    assert (again.pk, again.state, again.decided_by) == (revision.pk, RevisionState.SUBMITTED, None)
    assert again.reason == "Name the costs."


def test_decision_is_made_once_and_on_what_was_read(author, reviewer):
    revision = submitted(author)
    write.save_item(
        by=author, item=revision.item, content=content(title="Other"), seen=revision.marker, submits=True
    )
    for decide in (review.publish, lambda **given: review.return_with_reason(reason="x", **given)):
        with pytest.raises(review.StaleEdit):
            decide(by=reviewer, revision=revision, seen=revision.marker)
    revision.refresh_from_db()
    review.publish(by=reviewer, revision=revision, seen=revision.marker)
    for decide in (review.publish, lambda **given: review.return_with_reason(reason="x", **given)):
        with pytest.raises(review.TooLate):
            decide(by=reviewer, revision=revision)


def test_only_reviewers_decide_and_not_on_their_own(author):
    revision = submitted(author)
    own = make_member(is_manager=True, is_knowledge_manager=True)
    for person, row in [(author, revision), (make_member(), revision), (own, submitted(own))]:
        with pytest.raises(review.TooLate):
            review.publish(by=person, revision=row)


def test_decision_puts_the_notice_of_all_reviewers_away(author, reviewer):
    other = make_user(name="Second", is_knowledge_manager=True)
    revision = submitted(author)
    assert Notice.objects.unread().filter(reader=other).count() == 1
    review.publish(by=reviewer, revision=revision)
    assert not Notice.objects.unread().filter(reader=other).exists()


# Keeping -------------------------------------------------------------------------------------------------


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


# Tags ----------------------------------------------------------------------------------------------------


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


# At once -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_four_times_at_once_makes_one_item():
    author, nonce = make_member(is_manager=True), uuid4()
    answers = at_once(*[lambda: begun(User.objects.get(pk=author.pk), nonce=nonce, submits=True).pk] * 4)
    assert len(set(answers)) == Item.objects.count() == Revision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_and_returning_at_once_is_one_decision():
    reviewers = [make_user(is_knowledge_manager=True) for _ in range(4)]
    author = make_member(name="Author", is_manager=True)
    revision = submitted(author)
    Notice.objects.all().delete()

    def decide(place):
        row = Revision.objects.select_related("item").get(pk=revision.pk)
        if place % 2:
            return review.publish(by=reviewers[place], revision=row).state
        return review.return_with_reason(by=reviewers[place], revision=row, reason="No").state

    answers = at_once(*[lambda place=place: decide(place) for place in range(4)])
    assert sum(isinstance(one, review.TooLate) for one in answers) == 3
    assert len(told_pairs()) == 1


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


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_a_tag_at_once_settle_it_once():
    reviewer, word = make_user(is_knowledge_manager=True), make_term()
    free = make_term(is_curated=False, kind=TermKind.FREE)
    make_item(terms=[free])
    answers = at_once(*[lambda: tags.join_tag(by=reviewer, tag=free, into=word).pk] * 3)
    assert answers.count(word.pk) == 1
    assert sum(isinstance(one, tags.Settled) for one in answers) == 2
