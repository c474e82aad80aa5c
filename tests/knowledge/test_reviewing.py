"""The rubric, remarks on fields, the lock on what was published, two persons, and what changed between revisions."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from knowledge.actions import review, write
from knowledge.actions.keep import history_told
from knowledge.enums import Question, RevisionState, Verdict
from knowledge.models import Review, Revision, RevisionFile, RevisionLink
from knowledge.rules import can_review_revision, can_see_review
from munistem.commons.audit.models import AuditEvent
from tests.knowledge.factories import content, make_file, make_item, make_revision, make_term, submitted
from tests.members.factories import make_admin, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]
YES = {f"ask_{code}": "yes" for code in Question.values}


def waiting(**fields):
    return make_item(RevisionState.SUBMITTED, **fields).revisions.get()


def post(client, revision, **fields):
    return client.post(revision.review_url, {"seen": revision.marker, "asks": "questions", **fields})


# The rubric ----------------------------------------------------------------------------------------------


def test_to_publish_all_six_are_answered_and_none_with_no(client, reviewer):
    revision = waiting()
    client.force_login(reviewer)
    page = post(client, revision, deed="publish", ask_clear="yes", say_clear="Well told").content.decode()
    assert page.count("Answer this before you publish it.") == 2 * 5  # in the summary and at the question
    assert "Well told" in page
    page = post(client, revision, deed="publish", **{**YES, "ask_private": "no"}).content.decode()
    assert "With a no it cannot be published" in page
    assert post(client, revision, deed="publish", **{**YES, "ask_rights": "maybe"}).status_code == 200
    assert not Review.objects.exists()
    post(client, revision, deed="publish", **{**YES, "ask_true": "partly", "say_true": "Sources?"})
    kept = Review.objects.get()
    assert (kept.decision, kept.decided_by, kept.version) == (RevisionState.PUBLISHED, reviewer, 1)
    assert kept.answers["true"] == ["partly", "Sources?"]
    assert [row["verdict"] for row in kept.pending] == [Verdict.PARTLY]
    assert len(kept.told) == 6


def test_one_tap_answers_what_was_left_open(client, reviewer):
    revision = waiting()
    client.force_login(reviewer)
    post(client, revision, deed="publish", all_well="on", ask_true="partly")
    assert Review.objects.get().answers == {
        code: ["partly" if code == "true" else "yes", ""] for code in Question.values
    }


def test_remarks_stand_beside_their_fields_when_the_author_mends(client, reviewer):
    revision = waiting()
    client.force_login(reviewer)
    post(
        client,
        revision,
        deed="return",
        reason="Nearly there.",
        ask_private="no",
        say_private="A pupil is named.",
        on_summary="Say for which grades.",
        on_body="<b>Costs</b>?",
    )
    kept = Review.objects.get()
    assert kept.remarks == {"summary": "Say for which grades.", "body": "<b>Costs</b>?"}
    client.force_login(revision.item.created_by)
    page = client.get(f"{revision.item.get_absolute_url()}edit/").content.decode()
    assert page.index("A pupil is named.") < page.index('name="title"')
    assert page.index('name="title"') < page.index("Say for which grades.") < page.index('name="summary"')
    assert "&lt;b&gt;Costs&lt;/b&gt;?" in page
    client.force_login(reviewer)
    saved = write.save_item(
        by=revision.item.created_by,
        item=revision.item,
        content=content(),
        seen=Revision.objects.get().marker,
        submits=True,
    )
    assert "A pupil is named." in client.get(saved.review_url).content.decode()


def test_a_review_is_read_by_those_who_see_all_revisions(reviewer):
    revision = waiting()
    review.return_with_reason(by=reviewer, revision=revision, reason="No")
    kept = Review.objects.get()
    people = [reviewer, make_admin(), revision.item.created_by, make_member(), make_member(is_manager=True)]
    for person in people:
        seen = Review.objects.visible_to(person).filter(pk=kept.pk).exists()
        assert seen == can_see_review(person, kept) == (person in people[:3])


def test_the_usual_time_is_the_median_once_there_are_three(client, reviewer):
    client.force_login(reviewer)
    now = timezone.now()
    for days in (1, 2, 9):
        revision = waiting(submitted_at=now - timedelta(days=days))
        assert Review.objects.usual_wait() is None
        review.publish(by=reviewer, revision=revision)
    assert round(Review.objects.usual_wait().total_seconds() / 86400) == 2
    assert Review.objects.usual_wait(now + timedelta(days=181)) is None
    assert "usually answered within 2 days" in client.get("/desk/").content.decode()
    assert "usually answered within 2 days" in client.get("/knowledge/review/").content.decode()


def test_programs_that_send_only_a_decision_are_not_asked(client, reviewer):
    revision = waiting()
    client.force_login(reviewer)
    post(client, revision, deed="publish", asks="")
    assert Review.objects.get().answers == {}


# Two persons ---------------------------------------------------------------------------------------------


def test_admins_say_whether_two_persons_are_needed(client, reviewer):
    admin = make_admin()
    own = make_member(is_manager=True, is_knowledge_manager=True)
    revision = submitted(own)
    assert not can_review_revision(own, revision)
    client.force_login(reviewer)
    assert client.post("/knowledge/review/", {"persons": "one"}).status_code == 403
    client.force_login(admin)
    client.post("/knowledge/review/", {"persons": "none"})
    assert not can_review_revision(own, revision)
    for _twice in range(2):
        client.post("/knowledge/review/", {"persons": "one"})
        assert can_review_revision(own, revision)
        assert list(Revision.objects.waiting_for(own)) == [revision]
    client.post("/knowledge/review/", {"persons": "two"})
    assert not can_review_revision(own, revision)
    assert not Revision.objects.waiting_for(own)
    told = AuditEvent.objects.filter(deed="choose_reviewing").order_by("pk")
    assert [event.details["needs_two_persons"] for event in told] == [False, False, True]
    with pytest.raises(review.TooLate):
        review.choose_reviewing(by=own, needs_two_persons=False)


# The lock ------------------------------------------------------------------------------------------------


@pytest.fixture
def published():
    """A revision that was published yesterday, with a file and a link."""
    item = make_item(links=["https://example.org/"], decided_at=timezone.now() - timedelta(days=1))
    make_file(item.published)
    return item.published


def refused(deed):
    with pytest.raises(IntegrityError, match="was published and cannot be changed"), transaction.atomic():
        deed()
    return True


def test_the_database_keeps_what_was_published(published):
    rows = Revision.objects.filter(pk=published.pk)
    held, link = published.files.get(), published.links.get()
    for field, value in [("title", "x"), ("body", "x"), ("state", "draft"), ("details", {"cost": "x"})]:
        assert refused(lambda field=field, value=value: rows.update(**{field: value}))
    assert refused(lambda: RevisionFile.objects.filter(pk=held.pk).update(alt="x"))
    assert refused(lambda: RevisionFile.objects.filter(pk=held.pk).delete())
    assert refused(lambda: RevisionFile.objects.create(revision=published, file=make_file().file))
    assert refused(lambda: RevisionLink.objects.filter(pk=link.pk).update(url="https://example.com/"))
    assert refused(lambda: RevisionLink.objects.create(revision=published, url="https://example.com/"))
    assert refused(lambda: link.delete())
    draft = make_revision(published.item)
    assert refused(lambda: RevisionFile.objects.filter(pk=held.pk).update(revision=draft))
    with connection.cursor() as cursor:
        assert refused(lambda: cursor.execute("delete from knowledge_revision where id = %s", [published.pk]))


def test_it_may_be_replaced_and_its_tags_put_in_order(published):
    rows = Revision.objects.filter(pk=published.pk)
    published.tags.add(make_term())
    rows.update(state=RevisionState.REPLACED)
    rows.update(state=RevisionState.REPLACED)
    assert refused(lambda: rows.update(state=RevisionState.PUBLISHED))


def test_what_is_open_can_be_changed(published):
    draft = make_revision(published.item)
    held = make_file(draft)
    Revision.objects.filter(pk=draft.pk).update(title="Other")
    held.delete()
    draft.delete()


def test_history_is_told_only_where_it_is_opened(published):
    rows = Revision.objects.filter(pk=published.pk)
    with history_told():
        rows.update(title="Told otherwise")
    assert refused(lambda: rows.update(title="x"))


# What changed --------------------------------------------------------------------------------------------


def test_a_change_is_told_field_by_field_and_word_by_word(client, reviewer):
    term = make_term(name_en="Robots")
    item = make_item(title="How to open a lab", body='<p>See <a href="https://a.example/">this</a></p>')
    old = make_file(item.published, name="old.pdf")
    changed = make_revision(
        item,
        RevisionState.SUBMITTED,
        title="How to run a lab",
        body='<p>See <a href="https://b.example/">this</a></p><ul><li>new</li></ul>',
        terms=[term],
        links=["https://example.org/"],
        life_stages=["primary"],
        change_note="Found out more",
    )
    make_file(changed, name="new.pdf", title="The plan")
    client.force_login(reviewer)
    page = client.get(f"{item.get_absolute_url()}revisions/2/changes/").content.decode()
    said = re.findall(r"<(del|ins)><span class=\"visually-hidden\">\w+: </span>(?:<bdi>)?(.*?)</", page)
    assert ("del", "open") in said
    assert ("ins", "run") in said
    assert ("ins", "• new") in said
    assert ("ins", "Robots") in said
    assert ("ins", "https://example.org/") in said
    assert ("ins", "Primary school") in said or ("ins", "Primary") in said
    assert ("del", old.file.name) in said
    assert ("ins", "https://b.example/") in said
    assert "Found out more" in page


def test_changes_are_for_those_who_see_both_revisions(client, reviewer):
    item = make_item()
    make_revision(item, RevisionState.PUBLISHED, title="Second")
    make_revision(item, title="Third")
    item.refresh_from_db()
    place = f"{item.get_absolute_url()}revisions"
    assert client.get(f"{place}/3/changes/").status_code == 404
    assert "nothing to compare" in client.get(f"{place}/2/changes/").content.decode()
    client.force_login(item.created_by)
    page = client.get(f"{place}/3/changes/").content.decode()
    assert "From revision 2 to revision 3" in page
    assert "From revision 1 to revision 3" in client.get(f"{place}/3/changes/?since=1").content.decode()
    for odd in ("9", "x", "-1", "٣"):
        assert (
            "From revision 2 to revision 3" in client.get(f"{place}/3/changes/?since={odd}").content.decode()
        )
    assert "nothing to compare" in client.get(f"{place}/1/changes/").content.decode()


def test_many_files_and_tags_cost_no_more_queries(client, reviewer, count_queries):
    def changed(count):
        item = make_item()
        revision = make_revision(item, RevisionState.SUBMITTED, terms=[make_term() for _ in range(count)])
        for _ in range(count):
            make_file(revision)
        return f"{item.get_absolute_url()}revisions/2/"

    client.force_login(reviewer)
    one, many = changed(1), changed(30)
    assert count_queries(f"{one}changes/") == count_queries(f"{many}changes/") <= 8
    assert count_queries(f"{one}review/") == count_queries(f"{many}review/") <= 15


# Old addresses -------------------------------------------------------------------------------------------


def test_old_addresses_lead_readers_to_what_stands_now(client, reviewer):
    item = make_item()
    old = make_file(item.published)
    Revision.objects.filter(pk=make_revision(item).pk).update(title="Never published")
    place = item.get_absolute_url()
    assert client.get(f"{place}revisions/2/").status_code == 404
    Revision.objects.filter(item=item, number=2).delete()
    make_revision(item, RevisionState.PUBLISHED, title="As it stands now")
    for address in ("revisions/1/", f"files/{old.file.key}/", f"files/{old.file.key}/read/"):
        page = client.get(f"{place}{address}", follow=True)
        assert page.redirect_chain == [(place, 302)]
        assert "This is how it stands now." in page.content.decode()
    assert client.get(f"{place}files/{make_file().file.key}/").status_code == 404
    client.force_login(reviewer)
    assert client.get(f"{place}revisions/1/").status_code == 200
    assert client.get(f"{place}files/{old.file.key}/").getvalue() == b"words"


def test_old_addresses_tell_nothing_of_what_one_may_not_know_of(client):
    item = make_item(visibility="network")
    old = make_file(item.published)
    make_revision(item, RevisionState.PUBLISHED)
    for address in ("revisions/1/", f"files/{old.file.key}/", f"files/{old.file.key}/read/"):
        assert client.get(f"{item.get_absolute_url()}{address}").status_code == 404
