"""The admin's page of an application: what it shows, the letter before it goes out, the deeds, and who gets in."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.actions.admission import admit
from members.enums import ApplicationState, OrganisationType
from members.models import Application, DeclineReason, Organisation
from munistem.commons.audit.models import AuditEvent
from policy.actions.found import found_network
from tests.communities.factories import make_community
from tests.members.factories import (
    make_admin,
    make_application,
    make_authority,
    make_decline_reason,
    make_municipality,
    make_organisation,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/members/application/"


@pytest.fixture
def admin(client, settings):
    settings.IS_SECOND_FACTOR_REQUIRED = False
    client.cookies["django_language"] = "en"
    person = make_admin(name="Admin")
    client.force_login(person)
    return person


def page_of(application):
    return f"{LIST}{application.pk}/change/"


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def do(client, application, deed, **fields):
    return client.post(page_of(application), {"deed": deed, **fields}, follow=True)


# What is shown -------------------------------------------------------------------------------------------


def test_list_has_what_waits_longest_on_top_and_no_drafts(client, admin):
    now = timezone.now()
    make_application(organisation_name="Decided", state="withdrawn", submitted_at=now - timedelta(days=90))
    make_application(organisation_name="Young")
    make_application(organisation_name="Old", submitted_at=now - timedelta(days=9))
    make_application(organisation_name="Unsent", state="draft")
    page = text(client.get(LIST))
    assert page.index(">Old ·") < page.index(">Young ·") < page.index(">Decided ·")
    assert "Unsent" not in page
    assert "Young" not in text(client.get(f"{LIST}?state=withdrawn"))
    assert "Decided" not in text(client.get(f"{LIST}?state=waiting"))
    assert "Old" not in text(client.get(f"{LIST}?type=company"))
    assert "Old" in text(client.get(f"{LIST}?state=nonsense&type=nonsense"))
    assert "Old" in text(client.get(f"{LIST}?q=old"))


def test_page_shows_application_register_likeness_history_and_people(client, admin):
    town = make_authority(cbs_code=1139, name_he="כרמיאל", name_en="Karmiel", name_ar="كرميئيل")
    fields = {"type": OrganisationType.MUNICIPALITY, "authority": town, "email": "dana@karmiel.example"}
    application = make_application(**fields, motive="To learn from others")
    make_application(**fields, contact_name="Earlier Contact")
    make_organisation(name_he="Neighbour", email_domain="karmiel.example")
    make_organisation(name_he="Stranger", email_domain="elsewhere.example")
    make_user(name="Known Colleague", email="colleague@Karmiel.example")
    page = text(client.get(page_of(application)))
    for said in (
        "כרמיאל",
        "كرميئيل",
        "1139",
        "To learn from others",
        "Earlier Contact",
        "Neighbour",
        "Known Colleague",
    ):
        assert said in page, said
    assert "Stranger" not in page


def test_public_post_office_makes_nobody_a_colleague(client, admin):
    make_user(name="Somebody", email="somebody@gmail.com")
    page = text(client.get(page_of(make_application(email="dana@gmail.com"))))
    assert "Somebody" not in page
    assert "public post office" in page


def test_names_of_applicants_are_harmless(client, admin):
    application = make_application(
        organisation_name="<script>alert(1)</script>", motive="<b onclick=x>", contact_name="<i>"
    )
    page = text(client.get(page_of(application)))
    assert "<script>alert" not in page
    assert "<b onclick" not in page


def test_no_inline_code_in_the_pages(client, admin):
    make_decline_reason()
    application = make_application()
    pages = [client.get(LIST), client.get(page_of(application)), do(client, application, "approve")]
    for page in map(text, pages):
        assert " style=" not in page
        assert "onclick=" not in page
        assert "<style" not in page


@pytest.mark.parametrize("url", ["list", "page"])
def test_pages_cost_the_same_for_one_and_thirty(client, admin, url):
    def make(**fields):
        town = make_authority()
        return make_application(
            type=OrganisationType.MUNICIPALITY, authority=town, email=f"x{town.pk}@same.example", **fields
        )

    def cost():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            text(client.get(address))
        return len(captured)

    application = make()
    address = LIST if url == "list" else page_of(application)
    make()
    make_application(authority=application.authority, type=OrganisationType.MUNICIPALITY)
    make_user(email="one@same.example")
    make_organisation(email_domain="same.example")
    application.messages.create(body="?", author=admin)
    before = cost()
    for _ in range(30):
        make()
        make_application(authority=application.authority, type=OrganisationType.MUNICIPALITY)
        make_user(email=f"p{Application.objects.count()}@same.example")
        make_municipality(email_domain="same.example")
        application.messages.create(body="?", author=admin)
    assert cost() == before


# Deeds ---------------------------------------------------------------------------------------------------


def test_letter_is_seen_before_it_goes_out(client, admin):
    application = make_application(language="ar", organisation_name="Robots")
    assert "See the letter first" in text(client.get(page_of(application)))
    page = text(do(client, application, "approve", note="Personal words"))
    assert 'lang="ar" dir="rtl"' in page
    assert "Personal words" in page
    assert not Organisation.objects.exists()
    assert mail.outbox == []
    page = text(do(client, application, "approve", note="Personal words", send="1"))
    assert Organisation.objects.count() == 1
    assert [letter.to for letter in mail.outbox] == [[application.email]]
    assert "Personal words" in mail.outbox[0].body


def test_review_question_and_refusal(client, admin):
    application = make_application()
    do(client, application, "review")
    assert Application.objects.get().state == ApplicationState.IN_REVIEW
    assert "This field is required" in text(do(client, application, "ask", body=""))
    assert "Where do you work?" in text(do(client, application, "ask", body="Where do you work?"))
    assert Application.objects.get().state == ApplicationState.IN_REVIEW
    do(client, application, "ask", body="Where do you work?", send="1")
    assert Application.objects.get().state == ApplicationState.QUESTION
    do(client, application, "decline", reason="Not now", send="1")
    assert Application.objects.get().state == ApplicationState.DECLINED
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("language", ["he", "ar", "en"])
def test_reason_at_hand_comes_in_the_applicants_language_and_can_be_changed(client, admin, language):
    preset = make_decline_reason(text_he="סיבה", text_ar="سبب", text_en="Cause")
    application = make_application(language=language)
    expected = getattr(preset, f"text_{language}")
    assert "nobody is declined without" in text(do(client, application, "decline"))
    page = text(do(client, application, "decline", preset=preset.pk, reason="More."))
    assert f"{expected}\n\nMore.</textarea>" in page
    assert 'name="preset"' not in page
    do(client, application, "decline", reason=f"{expected} – changed", send="1")
    assert Application.objects.get().reason == f"{expected} – changed"


def test_founding_content_brings_reasons_in_three_languages_and_keeps_changed_ones():
    found_network()
    assert DeclineReason.objects.count() >= 5
    assert not DeclineReason.objects.filter(text_ar="").exists()
    reason = DeclineReason.objects.first()
    DeclineReason.objects.filter(pk=reason.pk).update(text_he="אחרת")
    assert found_network()["reasons"] == 0
    reason.refresh_from_db()
    assert reason.text_he == "אחרת"


def test_reasons_are_kept_in_the_admin(client, admin):
    fields = {"code": "later", "text_he": "בהמשך", "text_ar": "لاحقا", "text_en": "Later"}
    assert client.post("/admin/members/declinereason/add/", fields).status_code == 302
    reason = DeclineReason.objects.get()
    client.post(f"/admin/members/declinereason/{reason.pk}/change/", {**fields, "text_en": "Later on"})
    reason.refresh_from_db()
    assert reason.text_en == "Later on"
    assert AuditEvent.objects.filter(deed="keep_decline_reason", actor=admin).count() == 2


def test_merge_offers_only_what_waits_and_is_alike(client, admin):
    application = make_application(organisation_name="Robots")
    stranger = make_application(organisation_name="Others")
    assert "Join to another application" not in text(client.get(page_of(application)))
    other = make_application(organisation_name="robots")
    assert "Join to another application" in text(client.get(page_of(application)))
    do(client, application, "merge", into=stranger.pk, send="1")
    assert Application.objects.get(pk=application.pk).state == ApplicationState.RECEIVED
    do(client, application, "merge", into=other.pk, send="1")
    assert Application.objects.get(pk=application.pk).merged_into == other


def test_approval_is_taken_back_within_a_day_only(client, admin):
    make_community(is_default=True)
    application = admit(by=admin, application=make_application())
    assert "Take the approval back" in text(client.get(page_of(application)))
    do(client, application, "undo")
    assert Organisation.objects.exists()
    do(client, application, "undo", send="1")
    assert not Organisation.objects.exists()
    admit(by=admin, application=application)
    Application.objects.update(decided_at=timezone.now() - timedelta(days=2))
    assert "Take the approval back" not in text(client.get(page_of(application)))
    assert "not possible any more" in text(do(client, application, "undo", send="1"))
    assert Organisation.objects.exists()


def test_decided_application_is_not_decided_again(client, admin):
    application = make_application()
    do(client, application, "approve", send="1")
    page = text(do(client, application, "decline", reason="No", send="1"))
    assert "not possible any more" in page
    assert Application.objects.get().state == ApplicationState.APPROVED
    assert len(mail.outbox) == 1


def test_member_already_and_closed_account_are_told(client, admin):
    town = make_municipality(name_he="Member town", name_en="")
    application = make_application(type=OrganisationType.MUNICIPALITY, authority=town.authority)
    assert "Member town is a member already" in text(do(client, application, "approve", send="1"))
    closed = make_application(email=make_user(is_active=False).email)
    assert "was deactivated" in text(do(client, closed, "approve", send="1"))
    assert not Application.objects.filter(state=ApplicationState.APPROVED).exists()


@pytest.mark.parametrize("fields", [{}, {"deed": "nonsense"}, {"deed": "undo", "send": "1"}])
def test_odd_deeds_change_nothing(client, admin, fields):
    application = make_application()
    assert "not possible any more" in text(client.post(page_of(application), fields, follow=True))
    assert Application.objects.get().state == ApplicationState.RECEIVED


# Who gets in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["visitor", "registered", "knowledge"])
def test_others_are_kept_out(client, kind):
    application = make_application()
    if kind != "visitor":
        client.force_login(make_user(is_knowledge_manager=kind == "knowledge"))
    for url in (LIST, page_of(application)):
        assert client.get(url).status_code == 302
    client.post(page_of(application), {"deed": "approve", "send": "1"})
    assert Application.objects.get().state == ApplicationState.RECEIVED


def test_admin_who_is_no_superuser_works_here_too(client, admin):
    client.force_login(make_user(is_staff=True))
    application = make_application()
    text(client.get(LIST))
    do(client, application, "approve", send="1")
    assert Application.objects.get().state == ApplicationState.APPROVED


def test_drafts_and_missing_ones_are_unknown_and_nothing_is_added_or_deleted(client, admin):
    text(client.get(page_of(make_application(state="draft"))), 404)
    text(client.get(f"{LIST}999999/change/"), 404)
    text(client.get(f"{LIST}add/"), 403)
    text(client.get(f"{LIST}{make_application().pk}/delete/"), 403)
