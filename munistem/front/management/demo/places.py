"""The demo's communities and who is in them."""

from collections.abc import Mapping, Sequence
from random import Random

from django.utils import translation

from communities.enums import Access, MembershipState
from communities.models import Community, Membership
from communities.models.community import CommunityTerm
from members.enums import District
from members.models import User
from munistem.commons.enums import LifeStage
from munistem.commons.terms.models import Term
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, pour

#: slug, name, purpose, access, language, weight of its topics.
COMMUNITIES = [
    ("stem-managers", "מנהלות ומנהלי STEM ברשויות", "הבית המקצועי של מי שמובילים STEM ברשות: שאלות מהשטח, כלים שעבדו, והתייעצות לפני החלטה.", Access.REQUEST, "he", 5.0),
    ("girls-in-stem", "נערות ב־STEM", "מה מרחיב את הדרך של נערות ונשים למקצועות המדע והטכנולוגיה, ומה עומד בדרך.", Access.OPEN, "he", 4.0),
    ("integrators", "מעגל האינטגרטורים", "קבוצה קטנה של רשויות שבונות תמונת על ומשתפות טיוטות לפני פרסום.", Access.CLOSED, "he", 1.5),
    ("מרחבי-מייקרים", "מרחבי מייקרים ומעבדות", "הקמה, ציוד, בטיחות ושעות פתיחה של מרחבי יצירה ומעבדות קהילתיות.", Access.OPEN, "he", 1.5),
    ("stem-بالعربية", "STEM في السلطات العربية", "تبادل الخبرات والمواد التعليمية بالعربية بين السلطات المحلية العربية.", Access.OPEN, "ar", 2.0),
    ("funders", "Funders and partners", "Foundations, companies and municipalities on lasting partnerships and honest reporting.", Access.REQUEST, "en", 1.0),
    ("גיל-רך", "STEM בגיל הרך", "גנים, הורים וקהילה: סקרנות, חשיבה מחשובית ומשחק, בלי מסכים.", Access.REQUEST, "he", 1.0),
]  # fmt: skip


def communities(cast: Cast, topics: int, calendar: Calendar, rng: Random) -> list[Community]:
    """The communities of the contract and as many more as the number of topics calls for."""
    rows = [
        Community(slug=slug, name=name, purpose=purpose, access=access, language=language, is_default=slug == "stem-managers", created_at=calendar.ago(395))
        for slug, name, purpose, access, language, _weight in COMMUNITIES
    ]  # fmt: skip
    more = min(len(District.values) * len(LifeStage.values), max(0, topics // 100 - len(rows)))
    for number in range(more):
        stage, district = LifeStage.values[number % 7], District.values[number // 7 % 7]
        access = rng.choice([Access.OPEN, Access.OPEN, Access.REQUEST])
        name = f"{said(LifeStage(stage).label)} – {said(District(district).label)}"
        purpose = "קהילה אזורית: נפגשים, משתפים ומתייעצים סביב שלב אחד ברצף."
        rows.append(
            Community(
                slug=f"{stage.replace('_', '-')}-{district.replace('_', '-')}",
                name=name,
                purpose=purpose,
                access=access,
                language="he",
                created_at=calendar.ago(380),
            )
        )
    standing = {row.slug: row for row in Community.objects.filter(slug__in=[row.slug for row in rows])}
    fresh = [row for row in rows if row.slug not in standing]
    pour(fresh)
    write_terms(fresh, rng)
    rows = [standing.get(row.slug, row) for row in rows]
    join(rows, cast, calendar, rng)
    return rows


def said(label) -> str:
    with translation.override("he"):
        return str(label)


def write_terms(rows: Sequence[Community], rng: Random) -> None:
    subjects = list(Term.objects.curated().order_by("pk"))
    if subjects:
        pour(
            [
                CommunityTerm(content_object=row, tag=term)
                for row in rows
                for term in rng.sample(subjects, min(3, len(subjects)))
            ]
        )


class Roll:
    """Who is in which community, once each; written at the end."""

    def __init__(self, rows: Sequence[Community], calendar: Calendar, rng: Random):
        self.rows, self.calendar, self.rng = rows, calendar, rng
        self.by_slug = {row.slug: row for row in rows}
        self.chosen: dict[tuple[int, int], Membership] = {}

    def add(
        self,
        community: Community,
        person: User,
        state: str = MembershipState.ACTIVE,
        *,
        leads: bool = False,
        note: str = "",
        days: float = 0,
    ) -> None:
        since = self.calendar.ago(days or self.rng.uniform(200, 390))
        row = Membership(
            community=community,
            person=person,
            state=state,
            is_facilitator=leads,
            note=note,
            since=since,
            changed_at=since,
            visited_at=self.calendar.ago(self.rng.uniform(0, 9)),
        )
        self.chosen.setdefault((community.pk, person.pk), row)

    def of(self, community: Community) -> list[Membership]:
        return [one for (pk, _person), one in self.chosen.items() if pk == community.pk]

    def add_accounts(self, who: Mapping[str, User]) -> None:
        """As the contract has them."""
        for slug, name, leads in (
            ("stem-managers", "facilitator", True),
            ("stem-managers", "manager", False),
            ("stem-managers", "member", False),
            ("stem-managers", "knowledge", False),
            ("integrators", "facilitator", True),
            ("integrators", "manager", False),
            ("girls-in-stem", "manager", False),
            ("girls-in-stem", "facilitator", False),
            ("stem-بالعربية", "member", True),
        ):
            self.add(self.by_slug[slug], who[name], leads=leads)

    def add_others(self, people: Sequence[User]) -> None:
        """In a few communities each, of their own language first."""
        for person in people:
            own = [
                row
                for row in self.rows
                if row.language == person.language and row.slug not in {"integrators", "stem-managers"}
            ] or list(self.rows)
            if self.rng.random() < 0.7:
                self.add(self.by_slug["stem-managers"], person)
            if self.rng.random() < 0.4:
                self.add(self.by_slug["girls-in-stem"], person)
            for row in self.rng.sample(own, min(len(own), self.rng.randrange(1, 4))):
                self.add(row, person)
        for person in people[:6]:
            self.add(self.by_slug["integrators"], person)

    def add_leaders(self, people: Sequence[User]) -> None:
        """Where nobody leads yet: of those who are there, or the first of all."""
        for row in self.rows:
            members = self.of(row)
            if not people or any(one.is_facilitator for one in members):
                continue
            leader = next((one for one in members if one.person in people), None)
            if leader:
                leader.is_facilitator = True
            else:
                self.add(row, people[0], leads=True)

    def add_requests(self, people: Sequence[User]) -> None:
        managers = self.by_slug["stem-managers"]
        missing = [person for person in people if (managers.pk, person.pk) not in self.chosen]
        note = "התחלתי בתפקיד החודש ואשמח ללמוד מהקהילה."
        for person in missing[:2]:
            self.add(managers, person, MembershipState.ASKED, note=note, days=2.6)


def join(rows: Sequence[Community], cast: Cast, calendar: Calendar, rng: Random) -> None:
    """Memberships: the accounts as the contract has them, the others in a few communities each."""
    roll = Roll(rows, calendar, rng)
    others = [person for person in cast.acting if person not in cast.accounts.values()]
    roll.add_accounts(cast.accounts)
    roll.add_others(others)
    roll.add_leaders(others)
    roll.add_requests(others)
    pour(list(roll.chosen.values()))
    for row in rows:
        row.demo_members = [one.person for one in roll.of(row) if one.state == MembershipState.ACTIVE]
        row.member_count = len(row.demo_members)
    Community.objects.bulk_update(rows, ["member_count"])
