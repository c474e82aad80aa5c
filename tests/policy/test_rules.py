"""Who may see and do what: rules and querysets compared over one table of persons × situations."""

import pytest
from django.utils import timezone

from members.enums import OrganisationType
from members.models import User
from munistem.commons.enums import Visibility
from policy import rules
from policy.enums import EndorsementState, Stance, VersionState
from policy.models import (
    Consultation,
    ConsultationComment,
    Contribution,
    Endorsement,
    ProgressReport,
    Recommendation,
    RecommendationItem,
    RecommendationVersion,
    Roundtable,
    RoundtableSeat,
)
from tests.knowledge.factories import make_item
from tests.members.factories import (
    fresh,
    make_admin,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_user,
)
from tests.policy.factories import (
    make_comment,
    make_consultation,
    make_contribution,
    make_endorsement,
    make_link,
    make_recommendation,
    make_report,
    make_roundtable,
    make_seat,
    make_source,
    make_version,
)

pytestmark = pytest.mark.django_db


def make_former(town):
    mandate = make_representative(organisation=town)
    mandate.until_on = timezone.localdate()
    mandate.save()
    return mandate.person


def make_deactivated(town):
    person = make_representative(organisation=town).person
    User.objects.filter(pk=person.pk).update(is_active=False)
    return person


def make_convener(town, **fields):
    """Someone of no organisation who convenes every roundtable there is."""
    person = make_user(**fields)
    person.convened_roundtables.set(Roundtable.objects.all())
    return person


PERSONS = {
    "visitor": lambda town: None,
    "registered": lambda town: make_user(),
    "outsider": lambda town: make_member(),
    "representative": lambda town: make_representative(organisation=town).person,
    "manager": lambda town: make_representative(organisation=town, is_manager=True).person,
    "former": make_former,
    "deactivated": make_deactivated,
    "other town": lambda town: make_representative(organisation=make_municipality()).person,
    "convener": make_convener,
    "deactivated convener": lambda town: make_convener(town, is_active=False),
    "knowledge manager": lambda town: make_user(is_knowledge_manager=True),
    "admin": lambda town: make_admin(),
}


@pytest.fixture
def world():
    """One answer in each state and stance, for a published and an unpublished recommendation; a town that left."""
    town = make_municipality()
    for state in EndorsementState:
        for stance in Stance:
            make_report(make_endorsement(town, state=state, stance=stance))
    make_endorsement(town, make_recommendation(is_published=False))
    make_endorsement(town, make_recommendation(roundtable=make_roundtable(is_published=False)))
    left = make_municipality(left_on=timezone.localdate())
    make_report(make_endorsement(left))
    make_endorsement(left, state=EndorsementState.WAITING)
    for visibility in Visibility.values:
        make_link(item=make_item(visibility=visibility))
        make_link(make_recommendation(is_published=False), make_item(visibility=visibility))
    for state in VersionState:
        make_version(make_recommendation(), state=state) if state != VersionState.ADOPTED else None
        make_version(state=state)
    make_version(make_recommendation(is_published=False), state=VersionState.CONSULTATION)
    for recommendation in (make_recommendation(), make_recommendation(is_published=False)):
        source = make_contribution(recommendation.roundtable)
        make_source(recommendation.current_version, source)
        make_contribution(recommendation.roundtable)
        make_seat(recommendation.roundtable)
    draft = make_version()
    make_source(draft, make_contribution(draft.recommendation.roundtable))
    make_comment(make_consultation(make_version(state=VersionState.SUPERSEDED)))
    asked = make_consultation(make_version(make_recommendation(), state=VersionState.CONSULTATION))
    make_comment(asked)
    hidden = {"hidden_at": timezone.now(), "hidden_by": make_admin(), "hidden_reason": "Names a pupil."}
    make_comment(asked, **hidden)
    make_link(item=make_item(withdrawn=True))
    make_link(item=make_item(state="draft"))
    return town


def test_rules_and_querysets_are_twins(world):
    for name, make in PERSONS.items():
        person = make(world)
        for model, rule in [
            (Roundtable, rules.can_see_roundtable),
            (Recommendation, rules.can_see_recommendation),
            (RecommendationVersion, rules.can_see_version),
            (Consultation, rules.can_see_consultation),
            (ConsultationComment, rules.can_see_comment),
            (RoundtableSeat, rules.can_see_seat),
            (Contribution, rules.can_see_contribution),
            (RecommendationItem, rules.can_see_recommendation_item),
            (Endorsement, rules.can_see_endorsement),
            (ProgressReport, rules.can_see_report),
        ]:
            by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
            user = fresh(person)
            by_rule = {thing.pk for thing in model.objects.all() if rule(user, thing)}
            assert by_query == by_rule, (name, model.__name__)


OWN = {"representative", "manager"}
SEES = {
    EndorsementState.CONFIRMED: set(PERSONS),
    EndorsementState.WAITING: OWN | {"admin"},
    EndorsementState.RETURNED: OWN | {"admin"},
    EndorsementState.REPLACED: OWN | {"admin"},
    EndorsementState.REVOKED: OWN | {"admin"},
}


@pytest.mark.parametrize("state", EndorsementState)
def test_who_sees_an_answer_in_each_state(state):
    town = make_municipality()
    endorsement = make_endorsement(town, state=state)
    seen = {
        name for name, make in PERSONS.items() if rules.can_see_endorsement(fresh(make(town)), endorsement)
    }
    assert seen == SEES[state]


def may(rule, town, *things):
    return {name for name, make in PERSONS.items() if rule(fresh(make(town)), *things)}


def test_signed_page_is_for_representatives_and_admins():
    town = make_municipality()
    assert may(rules.can_see_signed_page, town, make_endorsement(town)) == OWN | {"admin"}


def test_representatives_answer_for_a_municipality():
    town = make_municipality()
    assert may(rules.can_endorse, town, town) == OWN


@pytest.mark.parametrize("kind", OrganisationType.values)
def test_municipalities_and_clusters_answer(kind):
    organisation = make_organisation(type=kind)
    person = make_representative(organisation=organisation).person
    assert rules.can_endorse(fresh(person), organisation) == (kind in {"municipality", "cluster"})


def test_nobody_answers_for_a_town_that_left():
    town = make_municipality(left_on=timezone.localdate())
    assert may(rules.can_endorse, town, town) == set()


@pytest.mark.parametrize("state", EndorsementState)
def test_admin_decides_what_waits(state):
    town = make_municipality()
    expected = {"admin"} if state == EndorsementState.WAITING else set()
    assert may(rules.can_confirm, town, make_endorsement(town, state=state)) == expected


@pytest.mark.parametrize("state", EndorsementState)
def test_representatives_and_admins_revoke_what_stands(state):
    town = make_municipality()
    standing = {EndorsementState.WAITING, EndorsementState.CONFIRMED}
    expected = OWN | {"admin"} if state in standing else set()
    assert may(rules.can_revoke, town, make_endorsement(town, state=state)) == expected


@pytest.mark.parametrize("state", EndorsementState)
@pytest.mark.parametrize("stance", Stance)
def test_representatives_report_on_what_is_carried_out(state, stance):
    town = make_municipality()
    is_carried_out = state == EndorsementState.CONFIRMED and stance in {
        Stance.ENDORSES,
        Stance.ALREADY_DOING,
    }
    endorsement = make_endorsement(town, state=state, stance=stance)
    assert may(rules.can_report_progress, town, endorsement) == (OWN if is_carried_out else set())


def test_who_links_items_and_edits_organisations():
    town = make_municipality()
    assert may(rules.can_link_items, town) == {"admin", "knowledge manager"}
    assert may(rules.can_edit_organisation, town, town) == {"manager", "admin"}
    outside = {"visitor", "registered", "former", "deactivated", "convener", "deactivated convener"}
    assert may(rules.can_see_representatives, town) == set(PERSONS) - outside
