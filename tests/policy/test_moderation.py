"""Comments on drafts: what waits for their authors, what readers report, what admins hide or leave."""

import pytest
from django.contrib.auth.models import AnonymousUser

from munistem.commons.notices.models import Notice
from munistem.commons.reports.models import Report
from munistem.front.views.desk import reports
from policy.actions import consult, moderate
from policy.actions.version import OutOfTurn
from policy.enums import Outcome, VersionState
from policy.models import Consultation, ConsultationComment
from policy.rules.consultation import can_report_comment
from tests.members.factories import fresh, make_admin, make_member
from tests.policy.factories import make_comment, make_consultation, make_recommendation, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


@pytest.fixture(autouse=True)
def _one_factor(settings):
    settings.IS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def consultation():
    version = make_version(
        make_recommendation(title_en="More labs"), state=VersionState.CONSULTATION, title_en="More labs"
    )
    return make_consultation(version)


def convener_of(consultation):
    convener = make_member()
    consultation.version.recommendation.roundtable.conveners.add(convener)
    return convener


# Answers that are waited for -----------------------------------------------------------------------------


def test_comments_without_an_answer_wait_in_the_day_of_who_convenes(client, read, consultation):
    convener, admin = convener_of(consultation), make_admin()
    rows = [make_comment(consultation) for _number in range(3)]
    client.force_login(convener)
    assert "3 comments on" in read("/")
    assert consultation.get_absolute_url() in read("/")
    consult.answer_comment(by=convener, comment=rows[0], outcome=Outcome.TAKEN, answer="")
    assert "2 comments on" in read("/")
    client.force_login(admin)
    assert "comments on" not in read("/")
    consultation.version.recommendation.roundtable.conveners.clear()
    assert "2 comments on" in read("/")
    moderate.hide(by=admin, comment=rows[1], reason="It names a pupil.")
    assert "1 comment on" in read("/")
    client.force_login(make_member())
    assert "comment on" not in read("/")


def test_drafts_with_comments_wait_for_nobody_else(consultation):
    make_comment(consultation)
    for person in (AnonymousUser(), make_member()):
        assert not Consultation.objects.to_be_answered_by(person).exists()
    assert Consultation.objects.to_be_answered_by(make_admin()).get().waiting == 1


# Reports -------------------------------------------------------------------------------------------------


def test_reader_reports_a_comment_once_and_admins_hear_of_it(client, consultation):
    admin, comment, reader = make_admin(), make_comment(consultation), make_member()
    client.force_login(reader)
    url = f"{consultation.get_absolute_url()}comments/{comment.pk}/report/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"why": ""}).status_code == 200
    for _twice in range(2):
        response = client.post(url, {"why": "hurtful", "note": "Please look."})
        assert response.headers["location"] == comment.get_absolute_url()
    assert Report.objects.get().reporter == reader
    told = Notice.objects.filter(event__kind="comment_reported").values_list("reader", flat=True)
    assert admin.pk in told
    assert not {reader.pk, comment.written_by_id} & set(told)
    client.force_login(admin)
    assert [row.title for row in reports(admin).rows] == ["More labs"]
    assert not reports(reader).rows
    page = client.get("/").content.decode()
    assert "comment on a draft was reported" in page
    assert "Please look." in client.get(url.replace("report/", "look/")).content.decode()


def test_hidden_comment_is_seen_by_who_wrote_it_and_who_answers(client, consultation):
    convener, admin, comment = convener_of(consultation), make_admin(), make_comment(consultation)
    moderate.report(by=make_member(), comment=comment, why="personal")
    client.force_login(admin)
    url = f"{consultation.get_absolute_url()}comments/{comment.pk}/look/"
    assert client.post(url, {"reason": ""}).status_code == 200
    for _twice in range(2):
        assert client.post(url, {"reason": "It names a pupil."}).status_code == 302
    comment.refresh_from_db()
    assert (comment.hidden_by, comment.hidden_reason) == (admin, "It names a pupil.")
    assert not Report.objects.waiting().exists()
    assert not Notice.objects.unread().filter(event__kind="comment_reported").exists()
    assert Notice.objects.get(event__kind="comment_hidden").reader == comment.written_by
    sees = {
        person: ConsultationComment.objects.visible_to(fresh(person)).exists() for person in (convener, admin)
    }
    assert all(sees.values())
    assert ConsultationComment.objects.visible_to(fresh(comment.written_by)).exists()
    stranger = make_member()
    assert not ConsultationComment.objects.visible_to(stranger).exists()
    client.force_login(stranger)
    assert comment.body not in client.get(consultation.get_absolute_url()).content.decode()
    client.force_login(comment.written_by)
    assert "Hidden from others" in client.get(consultation.get_absolute_url()).content.decode()


def test_comment_that_is_left_stays_and_can_be_reported_again(client, consultation):
    comment, reader = make_comment(consultation), make_member()
    moderate.report(by=reader, comment=comment, why="other")
    client.force_login(make_admin())
    url = f"{consultation.get_absolute_url()}comments/{comment.pk}/look/"
    assert client.post(url, {"answer": "leave"}).status_code == 302
    assert Report.objects.get().decision == "left"
    assert comment in ConsultationComment.objects.visible_to(reader)
    moderate.report(by=reader, comment=comment, why="other")
    assert Report.objects.count() == 2


def test_strangers_and_authors_report_nothing_and_members_hide_nothing(consultation):
    comment = make_comment(consultation)
    for person in (AnonymousUser(), comment.written_by):
        assert not can_report_comment(person, comment)
    with pytest.raises(OutOfTurn):
        moderate.report(by=comment.written_by, comment=comment, why="other")
    for person in (make_member(), convener_of(consultation)):
        with pytest.raises(OutOfTurn):
            moderate.hide(by=person, comment=comment, reason="No")
        with pytest.raises(OutOfTurn):
            moderate.leave(by=person, comment=comment)
