"""Joining the team of a member: asked, confirmed, decided once by who manages it."""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail, signing

from members import rules
from members.actions import team_request as deeds
from members.actions.application import BadLink, TooLate
from members.actions.mandate import AccountClosed
from members.emails.team_request import KINDS
from members.enums import TeamRequestState
from members.models import Representative, TeamRequest, User
from munistem.commons.notices.kinds import visible_events
from munistem.commons.notices.models import Event, Notice
from tests.members.factories import (
    make_admin,
    make_member,
    make_organisation,
    make_representative,
    make_team_request,
    make_user,
)
from tests.moments import at_once
from tests.visits import link_in

pytestmark = pytest.mark.django_db
FIELDS = {"name": "Noa Bar", "email": "noa@robots.example", "role": "Youth", "note": "I begin in May."}


@pytest.fixture
def organisation():
    return make_organisation(name_he="Robots")


@pytest.fixture
def manager(organisation):
    return make_representative(make_user(name="Manager"), organisation, is_manager=True).person


def asked(organisation, **fields):
    return deeds.ask_for_team(organisation=organisation, language="en", **{**FIELDS, **fields})


def token_of(request):
    return signing.dumps([request.pk, request.email], salt=deeds.CONFIRMATION)


def told():
    return sorted(Notice.objects.filter(event__kind="team_requested").values_list("reader__name", flat=True))


def test_colleague_asks_confirms_is_accepted_and_acts(client, organisation, manager):
    at = f"/join/team/{organisation.slug}/"
    assert client.get(at).status_code == 200
    assert "noa@robots.example" in client.post(at, FIELDS).content.decode()
    assert told() == []
    confirm = link_in(mail.outbox[0])
    assert client.get(confirm).status_code == 200
    assert TeamRequest.objects.get().state == TeamRequestState.UNVERIFIED
    assert "with the managers" in client.post(confirm, follow=True).content.decode()
    assert told() == ["Manager"]
    request = TeamRequest.objects.get()
    client.force_login(manager)
    for _ in range(2):
        answer = client.post(f"/join/requests/{request.key}/accept/")
        assert answer.headers["Location"] == f"{organisation.get_absolute_url()}team/"
    person = User.objects.get(email="noa@robots.example")
    mandate = Representative.objects.get(person=person)
    assert (mandate.organisation, mandate.is_manager, mandate.role) == (organisation, False, "Youth")
    assert EmailAddress.objects.get(user=person).verified
    assert [letter.to for letter in mail.outbox[1:]] == [["noa@robots.example"]]
    client.logout()
    client.cookies["django_language"] = "en"
    assert "Mail me a code" in client.get(confirm).content.decode()
    assert not Notice.objects.filter(read_at__isnull=True).exists()


def test_declined_colleague_is_told(client, organisation, manager):
    request = make_team_request(organisation)
    client.force_login(manager)
    for _ in range(2):
        client.post(f"/join/requests/{request.key}/decline/")
    with pytest.raises(TooLate):
        deeds.accept(by=manager, request=request)
    assert [letter.to for letter in mail.outbox] == [[request.email]]
    assert not User.objects.filter(email=request.email).exists()


@pytest.mark.parametrize("deed", ["accept", "decline"])
def test_only_managers_and_admins_decide(client, organisation, manager, deed):
    request = make_team_request(organisation)
    at = f"/join/requests/{request.key}/{deed}/"
    assert client.post(at).status_code == 302
    others = [
        (make_user(), 404),
        (make_member(is_manager=True), 404),
        (make_member(organisation=organisation), 404),
    ]
    others.append((make_user(email=request.email), 403))
    for person, status in others:
        client.force_login(person)
        assert client.post(at).status_code == status
        assert client.get(at).status_code == 405
    assert TeamRequest.objects.get().state == TeamRequestState.WAITING
    client.force_login(make_admin())
    assert client.post(at).status_code == 302
    assert TeamRequest.objects.get().state != TeamRequestState.WAITING


def test_unconfirmed_request_does_not_exist_for_managers(client, organisation, manager):
    request = asked(organisation)
    client.force_login(manager)
    assert client.post(f"/join/requests/{request.key}/accept/").status_code == 404


def test_admins_are_told_where_nobody_manages(organisation):
    make_admin(name="Admin")
    deeds.confirm(token=token_of(asked(organisation)))
    assert told() == ["Admin"]


def test_asking_again_before_confirming_changes_the_same_request(organisation):
    asked(organisation)
    asked(organisation, note="Newer words")
    assert TeamRequest.objects.get().note == "Newer words"


def test_second_request_while_one_waits_is_the_same(organisation, manager):
    first = deeds.confirm(token=token_of(asked(organisation)))
    second = deeds.confirm(token=token_of(asked(organisation)))
    assert first == second
    assert told() == ["Manager"]


def test_colleague_with_a_mandate_gets_no_second_one(organisation, manager):
    mandate = make_representative(organisation=organisation)
    deeds.accept(by=manager, request=make_team_request(organisation, email=mandate.person.email))
    assert Representative.objects.filter(person=mandate.person).count() == 1


def test_closed_account_is_not_opened_by_a_manager(client, organisation, manager):
    request = make_team_request(organisation, email=make_user(is_active=False).email)
    with pytest.raises(AccountClosed):
        deeds.accept(by=manager, request=request)
    client.force_login(manager)
    assert client.post(f"/join/requests/{request.key}/accept/").status_code == 302
    assert TeamRequest.objects.get().state == TeamRequestState.WAITING


def test_letters_speak_the_persons_language(organisation, manager):
    request = deeds.confirm(
        token=token_of(deeds.ask_for_team(organisation=organisation, language="ar", **FIELDS))
    )
    deeds.accept(by=manager, request=request)
    assert [letter.extra_headers["Content-Language"] for letter in mail.outbox] == ["ar", "ar"]
    assert User.objects.get(email=FIELDS["email"]).language == "ar"


def test_forged_link_and_organisation_that_left(organisation):
    request = asked(organisation)
    with pytest.raises(BadLink):
        deeds.confirm(token=token_of(request) + "x")
    organisation.left_on = organisation.joined_on
    organisation.save()
    with pytest.raises(BadLink):
        deeds.confirm(token=token_of(request))


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("email", "noa"), ("role", ""), ("note", "x" * 1001)]
)
def test_bad_request_is_told_and_the_rest_kept(client, organisation, field, value):
    page = client.post(f"/join/team/{organisation.slug}/", {**FIELDS, field: value}).content.decode()
    assert "data-errors" in page
    assert "Noa Bar" in page or field == "name"
    assert mail.outbox == []


def test_left_and_missing_organisations_have_no_team(client):
    left = make_organisation(left_on="2020-01-01")
    for slug in (left.slug, "nobody"):
        assert client.get(f"/join/team/{slug}/").status_code == 404


def test_rule_and_queryset_agree_on_who_sees_a_request(organisation, manager):
    rows = [
        make_team_request(organisation, email="own@example.org"),
        make_team_request(organisation, state=TeamRequestState.UNVERIFIED),
        make_team_request(),
    ]
    people = [
        manager,
        make_admin(),
        make_user(email="Own@example.org"),
        make_member(organisation=organisation),
        make_user(),
    ]
    for person in people:
        seen = set(TeamRequest.objects.visible_to(person))
        assert seen == {row for row in rows if rules.can_see_team_request(person, row)}


def test_notice_is_worded_and_seen_while_it_waits(organisation, manager):
    request = deeds.confirm(token=token_of(asked(organisation)))
    event = Event.objects.get(kind="team_requested")
    assert visible_events(manager, [event]) == {event.pk}
    (kind,) = KINDS
    assert "Noa Bar" in kind.sentence(event, manager)
    assert "Robots" in kind.sentence(event, manager)
    assert kind.url(event).startswith("/")
    assert "May" in kind.details(event, manager)[0]
    deeds.decline(by=manager, request=request)
    assert visible_events(manager, [event]) == set()


@pytest.mark.django_db(transaction=True)
def test_accepted_and_declined_at_once_is_one_decision(organisation, manager):
    request = make_team_request(organisation)

    def run(deed):
        return deed(by=User.objects.get(pk=manager.pk), request=request)

    answers = at_once(*(partial(run, deed) for deed in (deeds.accept, deeds.decline) * 3))
    done = [answer for answer in answers if not isinstance(answer, TooLate)]
    assert len(done) == len(mail.outbox) == 1
