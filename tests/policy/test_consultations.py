"""A draft is opened to the network, commented on by paragraph, answered, closed on its day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from munistem.commons.notices.models import Event, Notice
from policy.actions import consult, version
from policy.enums import Outcome, VersionState
from policy.models import Consultation, ConsultationComment
from policy.models.paragraphs import keys_of, paragraphs
from policy.models.version import TEXTS
from tests.members.factories import make_admin, make_member, make_municipality, make_representative, make_user
from tests.policy.factories import (
    make_bare_recommendation,
    make_comment,
    make_consultation,
    make_endorsement,
    make_recommendation,
    make_roundtable,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture
def convener():
    return make_user(name="Convener")


@pytest.fixture
def draft(convener):
    table = make_roundtable()
    table.conveners.add(convener)
    texts = {
        "title_en": "More labs",
        "rationale_en": "First reason.\n\nSecond reason.",
        "rationale_he": "א\n\nב",
    }
    return make_version(make_bare_recommendation(roundtable=table, **texts))


@pytest.fixture
def member():
    return make_representative(organisation=make_municipality(name_en="Sandhill")).person


def opened(draft, by, days=14):
    return consult.open_consultation(
        by=by, version=draft, until_on=timezone.localdate() + timedelta(days=days)
    )


# Deeds ---------------------------------------------------------------------------------------------------


def test_open_draft_is_told_to_the_network_and_to_nobody_else(draft, convener, member):
    stranger = make_user()
    consultation = opened(draft, convener)
    told = set(Notice.objects.filter(event__kind="consultation_opened").values_list("reader", flat=True))
    assert member.pk in told
    assert stranger.pk not in told
    assert consultation in Consultation.objects.visible_to(member)
    with pytest.raises(version.OutOfTurn):
        opened(draft, convener)
    assert Event.objects.filter(kind="consultation_opened").count() == 1


def test_last_day_lies_ahead(draft, convener):
    with pytest.raises(consult.NotAhead):
        opened(draft, convener, days=0)


def test_comment_is_told_to_the_convener_and_its_answer_to_who_wrote_it(draft, convener, member):
    consultation = opened(draft, convener)
    given = {"paragraph": "rationale-2", "body": "Who pays?", "language": "en", "nonce": uuid4()}
    made = consult.comment(by=member, consultation=consultation, **given)
    assert consult.comment(by=member, consultation=consultation, **given) == made
    assert Notice.objects.filter(reader=convener, event__kind="comment_written", read_at=None).count() == 1
    for _twice in range(2):
        consult.answer_comment(by=convener, comment=made, outcome=Outcome.TAKEN, answer="Now it says so")
    assert Notice.objects.filter(reader=member, event__kind="comment_answered").count() == 1
    assert not Notice.objects.filter(reader=convener, event__kind="comment_written", read_at=None).exists()
    made.refresh_from_db()
    assert (made.outcome, made.answered_by) == (Outcome.TAKEN, convener)


def test_only_who_may_comments_and_answers(draft, convener, member):
    consultation = opened(draft, convener)
    given = {"consultation": consultation, "body": "Who pays?", "language": "en"}
    with pytest.raises(version.OutOfTurn):
        consult.comment(by=make_user(), paragraph="rationale-1", **given)
    with pytest.raises(consult.NoSuchParagraph):
        consult.comment(by=member, paragraph="rationale-9", **given)
    made = consult.comment(by=member, paragraph="rationale-1", **given)
    with pytest.raises(version.OutOfTurn):
        consult.answer_comment(by=make_member(), comment=made, outcome=Outcome.NOTED, answer="")
    consult.close_consultation(by=convener, consultation=consultation)
    with pytest.raises(version.OutOfTurn):
        consult.comment(by=member, paragraph="rationale-1", **given)


def test_clock_reminds_once_and_closes_once(convener, member):
    today = timezone.localdate()
    soon = make_consultation(until_on=today + timedelta(days=3))
    make_consultation(until_on=today + timedelta(days=4))
    over = make_consultation(until_on=today - timedelta(days=1))
    for _twice in range(2):
        consult.remind_of_what_closes()
        consult.close_what_is_over()
    assert [event.subject for event in Event.objects.filter(kind="consultation_closing")] == [
        f"policy.consultation:{soon.pk}"
    ]
    over.refresh_from_db()
    assert over.closed_at
    assert over.closed_by is None
    assert Event.objects.filter(kind="consultation_closed").count() == 1
    assert set(Consultation.objects.open()) == set(Consultation.objects.exclude(pk=over.pk))


def test_open_consultation_keeps_a_version_from_being_adopted_until_it_closes(draft, convener):
    consultation, admin = opened(draft, convener), make_admin()
    with pytest.raises(version.OutOfTurn):
        version.adopt(by=admin, version=draft)
    consult.close_consultation(by=convener, consultation=consultation)
    version.adopt(by=admin, version=draft)
    draft.refresh_from_db()
    assert draft.state == VersionState.ADOPTED


def test_endorsers_of_an_earlier_version_hear_of_the_new_one():
    recommendation = make_recommendation()
    person = make_endorsement(recommendation=recommendation).submitted_by
    version.adopt(by=make_admin(), version=make_version(recommendation))
    assert Notice.objects.get(event__kind="version_adopted").reader == person


# Paragraphs ----------------------------------------------------------------------------------------------


def test_paragraphs_bear_the_keys_of_the_original(draft):
    assert [row.key for row in paragraphs(draft, "rationale", "en")] == ["rationale-1", "rationale-2"]
    assert [row.text for row in paragraphs(draft, "rationale", "he")] == ["א", "ב"]
    assert [(row.text, row.language) for row in paragraphs(draft, "rationale", "ar")] == [
        ("א", "he"),
        ("ב", "he"),
    ]


def test_translation_cut_differently_is_one_paragraph():
    draft = make_version(make_bare_recommendation(rationale_he="א\n\nב\n\nג", rationale_en="One.\n\nTwo."))
    assert [row.key for row in paragraphs(draft, "rationale", "en")] == ["rationale"]
    assert {"rationale", "rationale-3", "title-1"} <= keys_of(draft, TEXTS)
    assert "rationale-4" not in keys_of(draft, TEXTS)


# Pages ---------------------------------------------------------------------------------------------------


def test_visitor_and_stranger_know_nothing_of_a_consultation(read, client, draft, convener):
    url = opened(draft, convener).get_absolute_url()
    assert client.get(url).status_code == 302
    client.force_login(make_user())
    read(url, 404)
    read(draft.get_absolute_url(), 404)
    assert "More labs" not in read("/policy/")


def test_member_comments_on_a_paragraph_and_reads_the_answer(read, client, draft, convener, member):
    consultation = opened(draft, convener)
    client.force_login(member)
    assert "More labs" in read("/policy/")
    url = consultation.get_absolute_url()
    assert "Comment on this paragraph" in read(url)
    kept = client.post(f"{url}comment/", {"paragraph": "rationale-2", "body": ""})
    assert "Write what you want to say" in kept.content.decode()
    answer = client.post(f"{url}comment/", {"paragraph": "rationale-2", "body": "Who pays?"})
    made = ConsultationComment.objects.get()
    assert answer["Location"] == f"{url}#comment-{made.pk}"
    assert client.post(f"{url}comments/{made.pk}/", {"outcome": "taken"}).status_code == 403
    client.force_login(convener)
    page = read(url)
    assert "Who pays?" in page
    refused = client.post(f"{url}comments/{made.pk}/", {"answer": "We thought of it"})
    assert "Say what became of it." in refused.content.decode()
    assert "We thought of it" in refused.content.decode()
    client.post(f"{url}comments/{made.pk}/", {"outcome": "taken", "answer": "The municipality"})
    client.force_login(member)
    page = read(url)
    assert "Taken up" in page
    assert "The municipality" in page


def test_convener_opens_closes_and_words_the_next_version(read, client, draft, convener):
    client.force_login(convener)
    assert "Open to the network" in read(draft.get_absolute_url())
    past = client.post(f"{draft.get_absolute_url()}open/", {"until_on": "2020-01-01"})
    assert "Choose a day that is still to come." in past.content.decode()
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    answer = client.post(f"{draft.get_absolute_url()}open/", {"until_on": day})
    url = Consultation.objects.get().get_absolute_url()
    assert answer["Location"] == url
    assert (
        client.post(f"{draft.get_absolute_url()}open/", {"until_on": day})["Location"]
        == draft.get_absolute_url()
    )
    for _twice in range(2):
        client.post(f"{url}close/")
    assert "Closed for comments" in read(url)
    answer = client.post(f"/policy/recommendations/{draft.recommendation.slug}/versions/next/")
    assert answer["Location"].endswith("/versions/2/edit/")


def test_page_of_a_consultation_costs_the_same_for_1_and_30_comments(
    client, draft, convener, member, count_queries
):
    consultation = opened(draft, convener)
    client.force_login(convener)
    make_comment(consultation, written_by=member)
    url = consultation.get_absolute_url()
    client.get(url)
    one = count_queries(url)
    for _more in range(29):
        make_comment(consultation, answered_at=timezone.now(), answered_by=make_admin(), outcome="noted")
    client.get(url)
    assert count_queries(url) == one
