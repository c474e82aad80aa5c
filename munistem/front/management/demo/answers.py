"""What the demo's municipalities answer to the recommendations, and how their work goes on."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from django.utils import timezone

from knowledge.models import Item
from members.enums import OrganisationType
from members.models import Organisation, User
from munistem.commons.enums import Visibility
from munistem.commons.files.models import FileKind, StoredFile
from munistem.front.management.demo.papers import as_pdf, as_preview, page
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, lay_down, pour
from policy.actions.periods import close_periods
from policy.enums import EndorsementState, Mandate, Progress, Stance
from policy.models import Endorsement, ProgressReport, Recommendation, RecommendationItem, ReportPeriod
from policy.models.period import beginning_of, opening_of

MOST_PAGES = 24
EXPLANATIONS = {
    Stance.CONSIDERING: "הנושא יעלה בישיבת ההנהלה הקרובה, לאחר מיפוי הצרכים.",
    Stance.NOT_RELEVANT: "ברשות בגודלנו התפקיד מתמלא דרך האשכול.",
    Stance.ALREADY_DOING: "פועלת תוכנית עירונית מאז השנה שעברה.",
}
FIRST_ACTIONS = "מינוי אחראי/ת מטעם הרשות\nמיפוי התוכניות הקיימות\nדיווח ראשון למועצה"
REPORTS = {
    Progress.UNDER_WAY: "מונה צוות, נקבעו שלושה יעדים, ושני בתי ספר התחילו. ביוני נדווח למועצה.",
    Progress.DONE: "ההחלטה יושמה: התקן אויש, והיעדים נכללו בתוכנית העבודה של כל האגפים.",
    Progress.STUCK: "עדיין אין תקציב לשנה הבאה; מחכים לתשובה של הקול הקורא.",
    Progress.NOT_STARTED: "ההחלטה התקבלה, והעבודה תתחיל אחרי החגים.",
}

#: Which recommendation (by place) the cluster of the first town endorsed for its members.
JOINT = 3
#: Register codes of towns of which the network does not hear: one endorsed and never reported, one never answered.
SILENT, NEVER_HEARD = 831, 2800


def people_of(cast: Cast) -> dict[int, User]:
    """Organisation → one who acts for it."""
    return {m.organisation_id: m.person for m in cast.mandates if m.until_on is None}


def allied_in(cast: Cast) -> list[Organisation]:
    """The municipalities of the cluster that takes part."""
    clusters = {one.cluster_id for one in cast.organisations if one.type == OrganisationType.CLUSTER}
    return [one for one in cast.organisations if one.authority_id and one.authority.cluster_id in clusters]


def answer(cast: Cast, items: Sequence[Item], calendar: Calendar, rng: Random) -> None:
    """Endorsements in every state; some waiting for the admins, some with reports, some left unanswered."""
    recommendations = list(Recommendation.objects.in_force().in_order())
    people = people_of(cast)
    towns = [o for o in cast.organisations if o.type == OrganisationType.MUNICIPALITY and o.pk in people]
    towns = [town for town in towns if town.authority_id not in (SILENT, NEVER_HEARD)]
    allied, joint = allied_in(cast), recommendations[JOINT]
    rows, pages = [], []
    for place, town in enumerate(towns):
        for recommendation in recommendations:
            if place == 0 and recommendation is recommendations[-1]:
                continue  # the demo's manager finds something to answer
            if recommendation is joint and town in allied:
                continue  # its cluster endorsed it for them
            if rng.random() < 0.3:
                continue
            stance = rng.choices(list(Stance), [5, 2, 2, 1])[0]
            if stance == Stance.ENDORSES and len(pages) >= MOST_PAGES:
                stance = Stance.ALREADY_DOING
            row = one(town, recommendation, stance, people[town.pk], cast, calendar, rng)
            if stance == Stance.ENDORSES:
                pages.append(signed(row, calendar, rng))
                row.signed_page = pages[-1]
            rows.append(row)
    link(recommendations, items, calendar, rng)
    if not rows:
        return
    waiting = [row for row in rows if row.stance == Stance.ENDORSES][1:4]
    for row in waiting:
        row.state, row.answered_at, row.answered_by = EndorsementState.WAITING, None, None
        row.submitted_at = calendar.working_hour(3)
    pour(pages)
    for row in rows:
        row.signed_page = row.signed_page
    pour(rows)
    report(rows, calendar, rng)


def link(
    recommendations: Sequence[Recommendation], items: Sequence[Item], calendar: Calendar, rng: Random
) -> None:
    """Public items beside each recommendation."""
    public = [item for item in items if item.visibility == Visibility.PUBLIC and item.published_id]
    pour(
        [
            RecommendationItem(
                recommendation=recommendation, item=item, position=place, linked_at=calendar.ago(30 + place)
            )
            for recommendation in recommendations
            for place, item in enumerate(rng.sample(public, min(2, len(public))))
        ]
    )


def one(
    town: Organisation,
    recommendation: Recommendation,
    stance: Stance,
    person,
    cast: Cast,
    calendar: Calendar,
    rng: Random,
) -> Endorsement:
    at = calendar.working_hour(rng.uniform(10, 240))
    is_endorsed = stance == Stance.ENDORSES
    return Endorsement(
        recommendation=recommendation,
        version_id=recommendation.current_version_id,
        organisation=town,
        stance=stance,
        mandate=rng.choice(Mandate.values) if is_endorsed else "",
        decided_on=at.date() if is_endorsed else None,
        explanation="" if is_endorsed else EXPLANATIONS[stance],
        responsible=f"{person.name} (הדגמה)" if is_endorsed else "",
        first_actions=FIRST_ACTIONS if is_endorsed else "",
        target_on=at.date() + timedelta(days=540) if is_endorsed else None,
        state=EndorsementState.CONFIRMED,
        submitted_by=person,
        submitted_at=at,
        answered_at=calendar.later(at, 50),
        answered_by=cast.accounts["admin"],
    )


def signed(row: Endorsement, calendar: Calendar, rng: Random) -> StoredFile:
    town = row.organisation.name_he
    lines = [
        f"{town} מודיעה בזאת על אימוץ ההמלצה:",
        row.recommendation.title_he,
        f"תאריך: {row.decided_on:%d.%m.%Y}",
        "חתימה: (הדגמה)",
    ]
    image = page("הצהרה (הדגמה)", lines, "he")
    return lay_down(
        as_pdf(image), f"הצהרה – {town}.pdf", kind=FileKind.PDF, content_type="application/pdf", by=row.submitted_by, at=row.submitted_at,
        rng=rng, text="\n".join(lines), pages=1, preview=as_preview(image),
    )  # fmt: skip


def report(rows: list[Endorsement], calendar: Calendar, rng: Random) -> None:
    reports = []
    for row in rows:
        if row.stance != Stance.ENDORSES or row.state != EndorsementState.CONFIRMED or rng.random() < 0.35:
            continue
        status = rng.choices(list(REPORTS), [5, 2, 1, 1])[0]
        at = calendar.later(row.answered_at, 24 * 40)
        reports.append(
            ProgressReport(
                endorsement=row,
                status=status,
                body=REPORTS[status],
                reported_by=row.submitted_by,
                reported_at=at,
            )
        )
    pour(reports)


def tell_periods() -> None:
    """The two half years before this one are over and kept; in this one reports were asked for."""
    opens_on = opening_of(timezone.localdate())
    for _period in range(3):
        ReportPeriod.objects.get_or_create(opens_on=opens_on, defaults={"asked_at": beginning_of(opens_on)})
        opens_on = opening_of(opens_on - timedelta(days=1))
    close_periods()
