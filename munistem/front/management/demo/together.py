"""A cluster that endorses for its members, and municipalities that have not been heard of for a while."""

from datetime import timedelta
from random import Random

from members.enums import OrganisationType
from members.models import Organisation, User
from munistem.front.management.demo.answers import (
    FIRST_ACTIONS,
    JOINT,
    SILENT,
    allied_in,
    people_of,
    signed,
)
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, pour
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models import CallNote, Endorsement, EndorsementShare, ProgressReport, Recommendation

REPORT = "ועדת ההיגוי של האשכול אישרה מתכונת משותפת לתמונת העל; שתי רשויות כבר מילאו אותה. (הדגמה)"
#: Days ago and what came of each call.
CALLS = [
    (75, "לא ענו. השארתי הודעה במזכירות אגף החינוך. (הדגמה)"),
    (
        12,
        "שוחחתי עם מנהלת אגף החינוך. מי שריכזה את הנושא סיימה את תפקידה, והמחליפה עוד לא מכירה את הרשת. קבענו שיחת היכרות, ואשלח לה את ההמלצה שאימצו. (הדגמה)",
    ),
]


def stand_together_and_fall_silent(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """The joint endorsement with a share that is confirmed and one that waits; a town without a word for two periods."""
    recommendations = list(Recommendation.objects.in_force().in_order())
    acting = [one for one in cast.organisations if one.pk in people_of(cast)]
    clusters = [one for one in acting if one.type == OrganisationType.CLUSTER]
    if clusters and len(recommendations) > JOINT:
        endorse_together(cast, clusters[0], recommendations[JOINT], calendar, rng)
    if silent := next((one for one in acting if one.authority_id == SILENT), None):
        fall_silent(cast, silent, recommendations[0], calendar, rng)


def endorse_together(
    cast: Cast, cluster: Organisation, recommendation: Recommendation, calendar: Calendar, rng: Random
) -> None:
    """The first of its municipalities, the manager's, is still asked; the others take part."""
    people = people_of(cast)
    row = endorsed(cast, cluster, recommendation, people[cluster.pk], 95, calendar, rng)
    pour([row])
    asked, *others = [town for town in allied_in(cast) if town.pk in people]
    shares = [EndorsementShare(endorsement=row, organisation=asked, asked_at=calendar.ago(9))]
    for place, town in enumerate(others):
        at = calendar.ago(80 - place)
        shares.append(
            EndorsementShare(
                endorsement=row,
                organisation=town,
                asked_at=row.answered_at,
                confirmed_at=at,
                answered_by=people[town.pk],
            )
        )
    pour(shares)
    told = ProgressReport(
        endorsement=row,
        status=Progress.UNDER_WAY,
        body=REPORT,
        reported_by=row.submitted_by,
        reported_at=calendar.ago(30),
    )
    pour([told])


def fall_silent(
    cast: Cast, town: Organisation, recommendation: Recommendation, calendar: Calendar, rng: Random
) -> None:
    """Endorsed before the last school year, never reported; the facilitator called twice."""
    Organisation.objects.filter(pk=town.pk).update(joined_on=calendar.ago(600).date())
    pour([endorsed(cast, town, recommendation, people_of(cast)[town.pk], 540, calendar, rng)])
    facilitator = cast.accounts["facilitator"]
    pour(
        [
            CallNote(
                organisation=town,
                text=text,
                called_on=calendar.ago(days).date(),
                written_by=facilitator,
                written_at=calendar.ago(days),
            )
            for days, text in CALLS
        ]
    )


def endorsed(
    cast: Cast,
    organisation: Organisation,
    recommendation: Recommendation,
    person: User,
    days: int,
    calendar: Calendar,
    rng: Random,
) -> Endorsement:
    """An endorsement confirmed so many days ago, with its signed page; the row itself is not written yet."""
    at = calendar.ago(days)
    row = Endorsement(
        recommendation=recommendation,
        version_id=recommendation.current_version_id,
        organisation=organisation,
        stance=Stance.ENDORSES,
        mandate=Mandate.COUNCIL,
        decided_on=(at - timedelta(days=6)).date(),
        responsible=f"{person.name}",
        first_actions=FIRST_ACTIONS,
        target_on=(at + timedelta(days=540)).date(),
        state=EndorsementState.CONFIRMED,
        submitted_by=person,
        submitted_at=at - timedelta(days=3),
        answered_at=at,
        answered_by=cast.accounts["admin"],
    )
    row.signed_page = signed(row, calendar, rng)
    pour([row.signed_page])
    row.signed_page = row.signed_page
    return row
