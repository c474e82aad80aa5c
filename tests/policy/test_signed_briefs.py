"""A brief that was signed: by whom, what stands in it, and that it stays as it is."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import User
from munistem.commons.audit.models import AuditEvent
from munistem.commons.days.school import current_school_year
from munistem.front.actions.owned import kept_about
from policy.actions.brief import Copy, sign_brief
from policy.actions.programme import NotTheirs
from policy.models import BriefCopy, BriefSignOff
from policy.rules.brief import can_see_brief, can_see_brief_copy, can_sign_brief
from tests.members.factories import (
    make_admin,
    make_holding,
    make_municipality,
    make_representative,
    make_user,
)
from tests.moments import at_once
from tests.policy.programmes import make_figure, make_plan_item, make_programme
from tests.policy.test_briefs import read

pytestmark = pytest.mark.django_db
YEAR = current_school_year()


@pytest.fixture(autouse=True)
def _own_shelf(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.IS_SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def town():
    town = make_municipality(name_en="Karmi'el", name_he="כרמיאל", name_ar="كرميئيل")
    make_figure(make_programme(town, funders=["משרד החינוך"]), YEAR, participants=400, girls=120)
    few = make_programme(town, life_stages=["employment"], settings=["industry"])
    make_figure(few, YEAR, participants=4, girls=3)
    return town


@pytest.fixture
def manager(town):
    person = make_user(name="רות לוין")
    return make_representative(person, town, is_manager=True).person


def page_of(town):
    return reverse("show_brief", args=[town.authority_id])


def sign(client, town, **told):
    url = reverse("sign_brief", args=[town.authority_id])
    return client.post(url, {"year": YEAR, "asks": "", **told})


ASKS = {
    "he": "תקציב לשתי מעבדות בשנה הבאה",
    "ar": "نطلب تمويل مختبرين في العام القادم",
    "en": "Money for two labs next year",
}


def test_signed_brief_is_public_in_every_language_and_holds_only_what_is_told(client, town, manager):
    client.force_login(manager)
    assert sign(client, town, asks="\n".join(ASKS.values())).status_code == 302
    signed = BriefSignOff.objects.get()
    assert (signed.year, signed.edition, signed.signed_by) == (YEAR, 1, manager)
    client.logout()
    for language, ask in ASKS.items():
        said = read(client, signed.get_absolute_url(), language)
        assert ask in said and "רות" in said and "לוין" in said
        assert "120" in said and "3 of 4" not in said and "Draft" not in said
    assert AuditEvent.objects.get(deed="sign_brief").actor == manager


def test_signed_brief_stays_when_figures_change_and_another_edition_follows(client, town, manager):
    client.force_login(manager)
    sign(client, town)
    first = BriefSignOff.objects.get()
    before = client.get(first.get_absolute_url()).content
    figure = town.authority.programmes.order_by("pk")[0].figures.get()
    figure.participants = 500
    figure.save()
    assert client.get(first.get_absolute_url()).content == before
    sign(client, town)
    assert [row.edition for row in BriefSignOff.objects.latest_first()] == [2, 1]
    assert "500" in read(client, BriefSignOff.objects.latest_first()[0].get_absolute_url())


def test_the_same_signed_again_is_the_same_edition(client, town, manager):
    client.force_login(manager)
    for _ in range(2):
        assert sign(client, town, asks="Money").status_code == 302
    assert BriefSignOff.objects.count() == 1 and BriefCopy.objects.count() == 3
    sign(client, town, asks="More money")
    assert BriefSignOff.objects.count() == 2


@pytest.mark.parametrize("table", ["briefsignoff", "briefcopy"])
@pytest.mark.parametrize("deed", ["update {0} set id = id", "delete from {0}"])
def test_what_was_signed_cannot_be_changed_even_past_the_portal(client, town, manager, table, deed):
    client.force_login(manager)
    sign(client, town)
    statement = deed.format(f"policy_{table}")
    with (
        pytest.raises(IntegrityError, match="is signed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_only_managers_of_the_municipality_sign(client, town, manager):
    others = [
        make_representative(organisation=town).person,
        make_representative(is_manager=True).person,
        make_admin(),
        make_user(),
    ]
    for person in others:
        assert not can_sign_brief(person, town.authority)
        with pytest.raises(NotTheirs):
            sign_brief(by=person, authority=town.authority, year=YEAR, asks="", copies={})
        client.force_login(person)
        assert sign(client, town).status_code == 403
    assert can_sign_brief(manager, town.authority)
    make_holding(town.authority, others[0])
    make_holding(make_municipality().authority, others[3])
    assert can_sign_brief(others[0], town.authority) and not can_sign_brief(others[3], town.authority)
    assert not BriefSignOff.objects.exists()


def test_year_of_which_nothing_is_told_is_not_signed(client, town, manager):
    client.force_login(manager)
    for year in (YEAR - 3, 1999, YEAR + 1):
        assert sign(client, town, year=year).status_code == 302
    assert not BriefSignOff.objects.exists()


def test_too_many_asks_come_back_with_what_was_written(client, town, manager):
    client.force_login(manager)
    asks = "\n".join(f"Ask {n}" for n in range(8))
    response = sign(client, town, asks=asks)
    assert response.status_code == 200
    assert "At most six lines" in response.text and "Ask 7" in response.text
    assert sign(client, town, year="x").status_code == 200


def test_page_shows_what_is_in_it_who_signs_and_what_was_signed(client, town, manager):
    plan = make_plan_item(manager, town.authority, what="Bring robotics")
    client.force_login(manager)
    before = client.get(page_of(town)).text
    assert plan.what in before and "No brief was signed yet." in before and "רות לוין" in before
    sign(client, town)
    assert "Edition 1" in client.get(page_of(town)).text
    client.logout()
    after = client.get(f"{page_of(town)}?lang=en").text
    assert "Edition 1" in after and "רות לוין" not in after and "Bring robotics" not in after
    assert "Sign it off" not in after and "draft.pdf" not in after


def test_picture_leads_to_the_brief_in_one_click(client, town, manager):
    picture = reverse("show_picture", args=[town.authority_id])
    client.force_login(manager)
    assert f"{reverse('serve_brief_draft', args=[town.authority_id])}?year={YEAR}" in client.get(picture).text
    sign(client, town)
    client.logout()
    assert BriefSignOff.objects.get().get_absolute_url() in client.get(picture).text


def test_page_costs_the_same_for_one_and_thirty_editions(client, town, manager):
    client.force_login(manager)
    counts = []
    for more in (1, 29):
        for _ in range(more):
            copies = {"en": Copy({"title": "x", "body": {"n": BriefSignOff.objects.count()}}, b"%PDF")}
            sign_brief(by=manager, authority=town.authority, year=YEAR, asks="", copies=copies)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(town)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_brief_of_another_municipality_is_not_found_under_this_one(client, town, manager):
    client.force_login(manager)
    sign(client, town)
    signed = BriefSignOff.objects.get()
    other = make_municipality()
    assert client.get(reverse("serve_signed_brief", args=[other.authority_id, signed.pk])).status_code == 404
    assert client.get(f"{page_of(other)}?year=abc").status_code == 200


def test_rules_are_the_twins_of_what_is_visible(client, town, manager):
    client.force_login(manager)
    sign(client, town)
    signed = BriefSignOff.objects.get()
    for person in (AnonymousUser(), make_user(), make_admin(), manager):
        assert [*BriefSignOff.objects.visible_to(person)] == [signed] and can_see_brief(person, signed)
        copies = list(BriefCopy.objects.visible_to(person))
        assert len(copies) == 3 and all(can_see_brief_copy(person, copy) for copy in copies)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same", [True, False], ids=["the same words", "other words"])
def test_two_clicks_at_once_make_one_edition_of_the_same_words(town, manager, is_same):
    def signing(number):
        told = {"title": "Brief", "body": {"c": ["words" if is_same else f"words {number}"]}}
        copies = {"en": Copy(told, b"%PDF-1.7")}
        by = User.objects.get(pk=manager.pk)
        return lambda: sign_brief(by=by, authority=town.authority, year=YEAR, asks="", copies=copies).edition

    assert sorted(at_once(*map(signing, range(4)))) == ([1, 1, 1, 1] if is_same else [1, 2, 3, 4])
    assert BriefCopy.objects.count() == BriefSignOff.objects.count() == (1 if is_same else 4)


def test_admins_find_signed_briefs_and_signers_take_along_what_they_signed(client, town, manager):
    client.force_login(manager)
    sign(client, town, asks="Money")
    own = kept_about(manager)["signed_briefs"]
    assert [(row["year"], row["edition"], row["asks"]) for row in own] == [(YEAR, 1, "Money")]
    client.force_login(make_admin())
    page = client.get(reverse("admin:policy_briefsignoff_changelist"), {"q": str(town.authority_id)})
    assert page.status_code == 200 and "רות לוין" in page.text
    change = reverse("admin:policy_briefsignoff_change", args=[BriefSignOff.objects.get().pk])
    assert client.get(change).status_code == 200 and client.post(change, {}).status_code == 403
