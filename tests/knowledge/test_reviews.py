"""Reviews: what is published or returned, by whom, and whom it tells; search as one writes."""

import pytest
from django.core import mail

from knowledge.actions import review, write
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Visibility
from munistem.commons.notices.models import Notice
from tests.commons.factories import pdf, uploaded
from tests.knowledge.factories import content, make_item, make_revision, submitted
from tests.members.factories import make_member, make_user
from tests.moments import at_once
from tests.notices import told_pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_member(name="Author", is_manager=True)


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
    assert not Item.objects.matching('"old words"')


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
