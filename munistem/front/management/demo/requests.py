"""What waits at the demo's door: applications in several states, a colleague who asks to join a team."""

from random import Random

from members.enums import ApplicationState, OrganisationType, TeamRequestState
from members.models import Application, ApplicationMessage, LocalAuthority, TeamRequest
from munistem.front.management.demo.people import MARK, Cast
from munistem.front.management.demo.pouring import Calendar, pour, uuid_of


def write_requests(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """What waits at the door: applications in several states, a colleague who asks to join a team."""
    applicant = cast.accounts["applicant"]
    town = LocalAuthority.objects.filter(cbs_code=7700).first()
    bound = (
        {"type": OrganisationType.MUNICIPALITY, "authority": town} if town else {"type": OrganisationType.NGO}
    )
    rows = [
        Application(key=uuid_of(rng), state=ApplicationState.RECEIVED, **bound, organisation_name="" if town else "עמותה (הדגמה)",
                    contact_name=applicant.name, email=applicant.email, role=applicant.role_title, phone="04-0000000",
                    motive="פתחנו השנה תפקיד STEM ברשות, ומבקשים ללמוד ממי שכבר עשו את הדרך.",
                    life_stages=["primary", "lower_secondary"], submitted_at=calendar.working_hour(2)),
        Application(key=uuid_of(rng), state=ApplicationState.QUESTION, type=OrganisationType.NGO, organisation_name="ילדות מתכנתות (הדגמה)",
                    contact_name=f"גלית רימון ({MARK['he']})", email="girls-code@example.org", role="מנכ״לית", description="עמותה שמלמדת תכנות בשכונות.",
                    motive="לפגוש רשויות שמבקשות להרחיב קבוצות לבנות.", life_stages=["lower_secondary"], submitted_at=calendar.working_hour(6)),
        Application(key=uuid_of(rng), state=ApplicationState.IN_REVIEW, type=OrganisationType.COMPANY, organisation_name="North Lab (demo)", language="en",
                    contact_name="Adam Brook (demo)", email="north-lab@example.org", role="Community lead", description="We open our lab to schools.",
                    motive="To find towns for our mentors.", life_stages=["upper_secondary", "employment"], submitted_at=calendar.working_hour(4)),
    ]  # fmt: skip
    for row in rows:
        row.created_at = row.consented_at = row.verified_at = row.submitted_at
    pour(rows)
    pour([ApplicationMessage(application=rows[1], author=cast.accounts["admin"], body="באילו רשויות אתן כבר פועלות, ועם כמה קבוצות?", sent_at=calendar.working_hour(5))])  # fmt: skip
    manager = cast.accounts["manager"]
    pour(
        [
            TeamRequest(
                key=uuid_of(rng),
                organisation=cast.organisation_of(manager),
                name=f"שירה גפן ({MARK['he']})",
                email="shira-demo@example.org",
                role="רכזת נוער",
                note="מצטרפת החודש לצוות.",
                state=TeamRequestState.WAITING,
                created_at=calendar.working_hour(3),
            )
        ]
    )
