"""Meetings of the demo that were held: all with approved minutes, but the last, whose minutes wait for remarks."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from communities.actions.agenda import look_back
from communities.actions.minutes import compose, counts_of, fingerprint_of, next_number
from communities.enums import Coming, ItemState, MeetingState, MinutesState, ParagraphKind
from communities.models import AgendaItem, Community, Decision, Invitee, Meeting, Minutes, Remark, Task
from munistem.commons.days.holidays import People, holidays_on
from munistem.commons.search.actions import index
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, uuid_of

OPENING = {
    "title": "מפגש פתיחת שנה: מעבדות ומרכזי מצוינות (הדגמה)",
    "purpose": "לבחור יחד במה הקהילה מתמקדת השנה, ולשמוע מרשויות שכבר פתחו מעבדה.",
    "agenda": [
        ("סבב היכרות", "הציגו את עצמם נציגות ונציגים מרשויות גדולות וקטנות, ובהם שבעה שנכנסו לתפקיד השנה."),
        ("מה למדנו מפתיחת מעבדה עירונית", "שלוש רשויות סיפרו. המשותף: להתחיל מצוות מורות קיים, לא מציוד.\n\nהקושי הגדול הוא אחזקה בשנה השנייה; כדאי לתקצב אותה מראש."),
        ("במה מתמקדים השנה", "עלו שלושה נושאים: רצף מחטיבה לתיכון, בנות במקצועות הטכנולוגיים, ונתונים לראש הרשות."),
    ],
    "decisions": ["הקהילה מתמקדת השנה ברצף מחטיבת הביניים לתיכון.", "נפגשים פעם בחודש, לסירוגין ברשות מארחת ומרחוק."],
    "tasks": [("לאסוף תוכניות עבודה לדוגמה משלוש רשויות", 10, True), ("לתאם סיור במעבדה של כרמיאל", 20, False), ("להכין דף נתונים לראש הרשות", -4, False)],
}  # fmt: skip
PICTURE = {
    "title": "מפגש עבודה: תמונת מצב עירונית (הדגמה)",
    "purpose": "להשוות איך כל רשות ממפה את תוכניות ה־STEM שלה.",
    "agenda": [
        (
            "שלוש רשויות מציגות מפה",
            "שלוש דרכים שונות: טבלה אחת, מפה לפי שכונות, ורשימה לפי גיל. בכולן חסר החינוך הבלתי פורמלי.",
        ),
        ("מה כל אחת ואחד לוקחים", "רוב המשתתפות והמשתתפים מתחילים מרשימת התוכניות לפי שלב גיל."),
    ],
    "decisions": ["ממפים תוכניות לפי שלבי הרצף, ואחר כך לפי שכונות."],
    "tasks": [("לשתף את תבנית המיפוי של חיפה", 0, True)],
}
GIRLS = {
    "title": "מפגש עבודה: בנות במקצועות המחשב (הדגמה)",
    "purpose": "לבחור צעד אחד שכל רשות תנסה עד החורף.",
    "agenda": [
        ("מה הוחלט בפעם הקודמת ומה יצא מזה", "תבנית המיפוי נשלחה, ותשע רשויות מילאו אותה."),
        (
            "מה עבד בכיתות ז׳–ט׳",
            "קבוצות של בנות בלבד בשנה הראשונה, ומדריכות צעירות מהעיר.\n\nהסעות היו המחסום הראשון שכולן הזכירו.",
        ),
    ],
    "decisions": ["כל רשות פותחת קבוצה אחת לבנות עד החורף.", "מבררים יחד מימון להסעות."],
    "tasks": [("לפנות למפקח על ההסעות במחוז צפון", 6, False)],
}
DRAFT = {
    "title": "רצף מחטיבה לתיכון: מה עובד (הדגמה)",
    "purpose": "להשוות דרכים לשמור על תלמידות ותלמידים במגמות המדעיות.",
    "agenda": [
        ("ממצאים מארבע רשויות", "הנשירה הגדולה היא במעבר לכיתה י׳. חונכות של בוגרות עזרה בשתי רשויות."),
        ("מה ננסה עד המפגש הבא", "כל רשות בוחרת מהלך אחד ומספרת עליו במפגש הבא."),
    ],
    "decisions": ["כל רשות מנסה מהלך אחד ומדווחת במפגש הבא."],
    "tasks": [("לשלוח לכולם את שאלון החונכות", 14, False)],
    "remark": "החונכות עזרה גם אצלנו, כך שמדובר בשלוש רשויות.",
}
TUESDAY, DAYS_BETWEEN = 1, 14


def hold_meetings(communities: Sequence[Community], cast: Cast, calendar: Calendar) -> None:
    """Write them into the series of the STEM managers' community; the same day gives the same meetings."""
    community = next(row for row in communities if row.slug == "stem-managers")
    rng = Random(calendar.today.toordinal())
    days = days_past(calendar.today, 3)
    for on, words in zip(days, (OPENING, PICTURE, GIRLS), strict=True):
        held(community, cast, rng, words, on, calendar.today, is_approved=True)
    on = calendar.today - timedelta(days=6)
    on -= timedelta(days=max(0, on.weekday() - 3) if on.weekday() < 6 else 0)  # not on Friday and Saturday
    held(community, cast, rng, DRAFT, on, calendar.today, is_approved=False)
    look_back(community, by=cast.accounts["facilitator"])


def days_past(today: date, number: int) -> list[date]:
    """Tuesdays of the last months on which nothing is special, the earliest first."""
    days, day = [], today - timedelta(days=30)
    for _each in range(number):
        while day.weekday() != TUESDAY or any(found.people != People.SCHOOL for found in holidays_on(day)):
            day -= timedelta(days=1)
        days.append(day)
        day -= timedelta(days=DAYS_BETWEEN)
    return days[::-1]


def held(
    community: Community,
    cast: Cast,
    rng: Random,
    words: dict[str, Any],
    on: date,
    today: date,
    *,
    is_approved: bool,
) -> None:
    meeting = hold(community, cast, rng, words, on)
    people = invite(meeting, community, cast, rng)
    sent_at = meeting.starts_at + timedelta(days=1)
    approved_at = sent_at + timedelta(days=7) if is_approved else None
    decide(meeting, words["decisions"], rng, approved_at)
    owners = [cast.accounts["manager"], cast.accounts["manager"], *people]
    share_out(meeting, words["tasks"], owners, today, rng, approved_at)
    minutes = keep_minutes(meeting, sent_at, approved_at)
    if said := words.get("remark"):
        paragraph = minutes.paragraphs.filter(kind=ParagraphKind.TEXT).order_by("position")[1]
        Remark.objects.create(
            paragraph=paragraph,
            author=cast.accounts["member"],
            body=said,
            nonce=uuid_of(rng),
            created_at=sent_at + timedelta(hours=5),
        )


def hold(community: Community, cast: Cast, rng: Random, words: dict[str, Any], on: date) -> Meeting:
    """The meeting itself, closed, with what was said to each line of its agenda."""
    leader = cast.accounts["facilitator"]
    starts_at = timezone.make_aware(datetime.combine(on, time(10)))
    meeting = Meeting.objects.create(
        community=community,
        series=community.series.first(),
        state=MeetingState.CLOSED,
        title=words["title"],
        purpose=words["purpose"],
        place="בית העירייה, כרמיאל",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        uid=uuid_of(rng),
        created_by=leader,
        invited_at=starts_at - timedelta(days=20),
        closed_at=starts_at + timedelta(hours=3),
        closed_by=leader,
    )
    AgendaItem.objects.bulk_create(
        AgendaItem(
            meeting=meeting,
            position=place,
            title=title,
            notes=notes,
            proposed_by=leader,
            minutes=25,
            state=ItemState.ACCEPTED,
        )
        for place, (title, notes) in enumerate(words["agenda"], 1)
    )
    return meeting


def decide(meeting: Meeting, texts: Sequence[str], rng: Random, approved_at: datetime | None) -> None:
    for number, text in enumerate(texts, meeting.community.decisions.count() + 1):
        index(
            Decision.objects.create(
                community=meeting.community,
                meeting=meeting,
                text=text,
                number=number if approved_at else None,
                decided_on=timezone.localdate(meeting.starts_at),
                nonce=uuid_of(rng),
                created_at=meeting.starts_at,
                created_by=meeting.created_by,
                approved_at=approved_at,
            )
        )


def share_out(
    meeting: Meeting,
    rows: Sequence[tuple[str, int, bool]],
    owners: Sequence[Any],
    today: date,
    rng: Random,
    approved_at: datetime | None,
) -> None:
    """Tasks, each to the next owner; rows: text, due in how many days, and whether it is done."""
    for owner, (text, due, is_done) in zip(owners, rows, strict=False):
        Task.objects.create(
            community=meeting.community,
            meeting=meeting,
            text=text,
            owner=owner,
            due_on=today + timedelta(days=due),
            nonce=uuid_of(rng),
            created_at=meeting.starts_at,
            created_by=meeting.created_by,
            approved_at=approved_at,
            done_at=meeting.starts_at + timedelta(days=9) if is_done else None,
            done_by=owner if is_done else None,
        )


def invite(meeting: Meeting, community: Community, cast: Cast, rng: Random) -> list[Any]:
    """Some of the members, most of whom came; returns those who did."""
    known = [cast.accounts[name] for name in ("facilitator", "manager", "member")]
    others = [person for person in community.demo_members if person not in known][:14]  # type: ignore[attr-defined]
    rows = []
    for person in [*known, *others]:
        came = person in known or rng.random() < 0.75
        answer = Coming.COMING if came else rng.choice([Coming.NO, Coming.SILENT])
        answered_at = None if answer == Coming.SILENT else meeting.starts_at - timedelta(days=5)
        rows.append(
            Invitee(meeting=meeting, person=person, answer=answer, answered_at=answered_at, attended=came)
        )
    Invitee.objects.bulk_create(rows)
    return [row.person for row in rows if row.attended]


def keep_minutes(meeting: Meeting, sent_at: datetime, approved_at: datetime | None) -> Minutes:
    people, organisations = counts_of(meeting)
    minutes = Minutes.objects.create(
        community=meeting.community,
        meeting=meeting,
        state=MinutesState.SENT,
        people_count=people,
        organisation_count=organisations,
        created_at=sent_at,
        created_by=meeting.created_by,
        sent_at=sent_at,
        sent_by=meeting.created_by,
        approves_at=sent_at + timedelta(days=7),
    )
    compose(minutes)
    if approved_at:
        minutes.state, minutes.approved_at = MinutesState.APPROVED, approved_at
        minutes.number = next_number(Minutes, meeting.community)
        minutes.fingerprint = fingerprint_of(minutes)
        minutes.save(update_fields=["state", "number", "approved_at", "fingerprint"])
    index(minutes)
    return minutes
