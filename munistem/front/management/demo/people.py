"""Who takes part in the demo: organisations on real rows of the register, people plainly marked as made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from members.enums import OrganisationType, PopulationGroup
from members.models import LocalAuthority, Organisation, RegionalCluster, Representative, User
from members.models.person import PersonTerm
from munistem.commons.search.actions import fill
from munistem.commons.terms.models import Term
from munistem.commons.text.slugs import free_slug
from munistem.front.management.demo.pouring import Calendar, pour, uuid_of

PASSWORD = "stem-demo-2026"
MARK = {"he": "הדגמה", "ar": "تجريبي", "en": "demo"}
FIRST = {
    "he": [
        "נועה",
        "מיכל",
        "יעל",
        "תמר",
        "שירה",
        "רותם",
        "ענת",
        "דנה",
        "הדס",
        "אורית",
        "ליאת",
        "גלית",
        "איריס",
        "מורן",
        "אפרת",
        "סיגל",
        "יונתן",
        "אורי",
        "איתי",
        "גיא",
        "אמיר",
        "דוד",
        "רונן",
        "ערן",
    ],
    "ar": [
        "ليلى",
        "رنا",
        "سمر",
        "هبة",
        "مريم",
        "نور",
        "سلمى",
        "دعاء",
        "أمل",
        "إيمان",
        "ريم",
        "هدى",
        "سامر",
        "خالد",
        "وائل",
        "رامي",
        "طارق",
        "يوسف",
    ],
    "en": [
        "Hannah",
        "Ruth",
        "Miriam",
        "Sarah",
        "Leah",
        "Naomi",
        "Dana",
        "Adam",
        "Daniel",
        "Jonathan",
        "Michael",
    ],
}
LAST = {
    "he": [
        "ברקאי",
        "אלמוג",
        "שקד",
        "גלעדי",
        "ארבל",
        "דרורי",
        "הראל",
        "כרמל",
        "לביא",
        "מרום",
        "נבו",
        "סלע",
        "ענבר",
        "פלג",
        "צור",
        "קדם",
        "רימון",
        "שחם",
        "תבור",
        "אשכול",
        "ברוש",
        "גפן",
    ],
    "ar": [
        "خوري",
        "حداد",
        "زعبي",
        "منصور",
        "نصار",
        "عودة",
        "شاهين",
        "بشارة",
        "سليمان",
        "حسن",
        "جبران",
        "عيسى",
        "كنعان",
        "صالح",
        "ناصر",
    ],
    "en": ["Green", "Levine", "Carter", "Morgan", "Bennett", "Harris", "Stone", "Marsh", "Field", "Brook"],
}
ROLES = {
    "he": ["מנהל/ת מצוינות STEM", "מנהל/ת אגף חינוך", "רכז/ת STEM", "מנהל/ת מחלקת נוער וצעירים", "רכז/ת מדעים ברשות", "מנהל/ת מרכז מצוינות", "רכז/ת גיל רך", "מנהל/ת שותפויות"],
    "ar": ["مدير/ة التميّز في STEM", "مدير/ة قسم المعارف", "مركّز/ة STEM", "مركّز/ة الشبيبة", "مدير/ة مركز العلوم"],
    "en": ["Programme officer", "Director of education", "Partnerships manager", "Head of STEM"],
}  # fmt: skip
ASK = {
    "he": ["בנות במגמות טכנולוגיות", "הקמת מרכז מצוינות", "עבודה עם הגזברות", "רובוטיקה ביסודי", "מיפוי תוכניות", "שותפות עם תעשייה", "גיל רך", "חיבור בין יסודי לחטיבה"],
    "ar": ["مجموعات للفتيات", "مواد بالعربية", "بناء الشراكات", "مراكز العلوم", "العمل مع الأهالي"],
    "en": ["working with foundations", "measuring change", "mentoring by engineers"],
}  # fmt: skip
#: Members of the small demo, in this order; more come from the register when more people are asked for.
TOWNS = [1139, 7300, 9000, 1161, 2800, 7500, 831, 5556]
OTHERS: list[dict[str, Any]] = [
    {"type": OrganisationType.FOUNDATION, "slug": "rashi", "name_he": "קרן רש״י", "name_ar": "صندوق راشي", "name_en": "Rashi Foundation"},
    {"type": OrganisationType.COMPANY, "slug": "ofek-demo", "name_he": "אופק טכנולוגיות (הדגמה)", "name_ar": "أوفك للتكنولوجيا (تجريبي)", "name_en": "Ofek Technologies (demo)"},
    {"type": OrganisationType.NGO, "slug": "shaar-demo", "name_he": "עמותת שער למדע (הדגמה)", "name_ar": "جمعية بوابة العلوم (تجريبي)", "name_en": "Gateway to Science (demo)"},
    {"type": OrganisationType.ACADEMIA, "slug": "college-demo", "name_he": "המכללה האזורית (הדגמה)", "name_ar": "الكلية الإقليمية (تجريبي)", "name_en": "Regional College (demo)"},
]  # fmt: skip
ABOUT = {
    "he": "פועלים לרצף אחד מהגיל הרך ועד תעסוקה, בשותפות עם בתי הספר, המתנ״ס והתעשייה המקומית.",
    "ar": "نعمل على مسار متواصل من الطفولة المبكرة حتى التشغيل، بالشراكة مع المدارس والمركز الجماهيري والصناعة.",
    "en": "We support municipalities that build one path from early childhood to employment.",
}


@dataclass
class Cast:
    """Everyone and every organisation of the demo."""

    people: list[User] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    mandates: list[Representative] = field(default_factory=list)
    accounts: dict[str, User] = field(default_factory=dict)

    @property
    def acting(self) -> list[User]:
        return [mandate.person for mandate in self.mandates if mandate.until_on is None]

    def organisation_of(self, person: User) -> Organisation | None:
        found = [mandate.organisation for mandate in self.mandates if mandate.person is person]
        return found[0] if found else None


def gather(count: int, calendar: Calendar, rng: Random) -> Cast:
    """Write organisations, people, mandates, sign-in addresses, applications and requests."""
    cast = Cast()
    cast.organisations = organisations(max(12, min(160, count // 10)), calendar, rng)
    by_slug = {organisation.slug: organisation for organisation in cast.organisations}
    by_code = {organisation.authority_id: organisation for organisation in cast.organisations}
    known = accounts(calendar)
    places = {"facilitator": by_slug["rashi"], "manager": by_code[1139], "member": by_code[7300]}
    places |= {"outsider": by_slug["ofek-demo"], "former": by_slug["shaar-demo"]}
    for who, person in known.items():
        cast.accounts[who] = person
        cast.people.append(person)
        if who in places:
            until = calendar.today if who == "former" else None
            mandate(cast, person, places[who], calendar, is_manager=who == "manager", until_on=until)
    towns = [o for o in cast.organisations if o.authority_id] or cast.organisations
    for number in range(max(0, count - len(known))):
        first_round = number < len(cast.organisations)
        organisation = (
            cast.organisations[number]
            if first_round
            else rng.choice(towns if rng.random() < 0.8 else cast.organisations)
        )
        person = someone(number, language_of(organisation, rng), calendar, rng)
        cast.people.append(person)
        mandate(
            cast,
            person,
            organisation,
            calendar,
            is_manager=first_round and organisation is not places["manager"],
        )
    write(cast, calendar, rng)
    return cast


def organisations(count: int, calendar: Calendar, rng: Random) -> list[Organisation]:
    """Municipalities and a cluster of the register, and a few others."""
    register = LocalAuthority.objects.in_bulk()
    codes = [code for code in TOWNS if code in register]
    more = sorted(set(register) - set(codes) - {7700})
    cluster = RegionalCluster.objects.filter(authorities=1139).first()
    codes += rng.sample(more, max(0, min(len(more), count - len(codes) - len(OTHERS) - bool(cluster))))
    rows = [
        Organisation(type=OrganisationType.MUNICIPALITY, slug=slug_of(town), authority=town, **names_of(town))
        for town in (register[code] for code in codes)
    ]
    for town, row in zip(codes, rows, strict=True):
        row.website = register[town].website
        row.about = ABOUT[language_of(row, rng)]
    if cluster:
        rows.append(
            Organisation(
                type=OrganisationType.CLUSTER, slug=slug_of(cluster), cluster=cluster, **names_of(cluster)
            )
        )
    rows += [
        Organisation(about=ABOUT["en" if fields["type"] == "foundation" else "he"], **fields)
        for fields in OTHERS
    ]
    for place, row in enumerate(rows):
        row.sort_name = row.name_he or row.name_en
        row.joined_on = calendar.ago(390 - place * 380 / len(rows)).date()
        fill(row)
    pour(rows)
    return rows


def names_of(row: LocalAuthority | RegionalCluster) -> dict[str, str]:
    return {"name_he": row.name_he, "name_ar": row.name_ar, "name_en": row.name_en}


def slug_of(row: LocalAuthority | RegionalCluster) -> str:
    return free_slug(Organisation, row.name_he)


def language_of(organisation: Organisation, rng: Random) -> str:
    """The language one of its people would write in."""
    arab = {PopulationGroup.ARAB, PopulationGroup.DRUZE, PopulationGroup.BEDOUIN, PopulationGroup.CIRCASSIAN}
    if organisation.authority and organisation.authority.population_group in arab:
        return "ar"
    if organisation.type in {OrganisationType.FOUNDATION, OrganisationType.COMPANY}:
        return rng.choice(["he", "he", "en"])
    return "he"


def accounts(calendar: Calendar) -> dict[str, User]:
    """The people of the contract, each under the address that docs and checks rely on."""
    said = {
        "admin": ("רותם שגיא", "he", "מנהלת הרשת", {"is_staff": True, "is_superuser": True}),
        "knowledge": ("נועה ספיר", "he", "מנהלת הידע של הרשת", {"is_knowledge_manager": True}),
        "facilitator": ("מיכל דרורי", "he", "מנחת קהילת מנהלי STEM", {}),
        "manager": ("יעל כרמי", "he", "מנהלת מצוינות STEM", {}),
        "member": ("رنا خوري", "ar", "مركّزة STEM", {}),
        "outsider": ("אורי אלמוג", "he", "מנהל קשרי קהילה", {}),
        "applicant": ("תמר גלעד", "he", "מנהלת אגף חינוך", {}),
        "former": ("דן ארבל", "he", "רכז תוכניות", {"is_active": False}),
    }
    return {
        who: User(
            email=f"{who}@munistem.example",
            name=f"{name} ({MARK[language]})",
            language=language,
            role_title=role,
            joined_at=calendar.ago(380 if who != "applicant" else 3),
            seen_at=calendar.ago(1.4) if who != "former" else calendar.ago(200),
            languages=sorted({language, "he"}),
            about=ABOUT[language] if who in {"facilitator", "manager", "member"} else "",
            ask_me_about="، ".join(ASK["ar"][:2]) if who == "member" else ", ".join(ASK["he"][:2]) if who == "manager" else "",
            **rights,
        )
        for who, (name, language, role, rights) in said.items()
    }  # fmt: skip


def someone(number: int, language: str, calendar: Calendar, rng: Random) -> User:
    name = f"{rng.choice(FIRST[language])} {rng.choice(LAST[language])} ({MARK[language]})"
    return User(
        email=f"demo{number + 1}@munistem.example",
        name=name,
        language=language,
        role_title=rng.choice(ROLES[language]),
        ask_me_about=", ".join(rng.sample(ASK[language], 2)) if rng.random() < 0.7 else "",
        about=ABOUT[language] if rng.random() < 0.3 else "",
        languages=sorted({language, "he"}),
        joined_at=calendar.ago(rng.uniform(20, 380)),
        seen_at=calendar.ago(rng.uniform(0, 40)),
    )


def mandate(cast: Cast, person: User, organisation: Organisation, calendar: Calendar, **fields: Any) -> None:
    row = Representative(
        organisation=organisation,
        person=person,
        role=person.role_title,
        from_on=organisation.joined_on,
        **fields,
    )
    if row.until_on:
        row.from_on = organisation.joined_on
    cast.mandates.append(row)


def write(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """Everything into the database, people indexed with their mandates."""
    password = make_password(PASSWORD)
    mine: dict[int, list[Representative]] = {}
    for row in cast.mandates:
        mine.setdefault(id(row.person), []).append(row)
    for person in cast.people:
        person.uuid, person.password = uuid_of(rng), password
        person.__dict__["mandates"] = [row for row in mine.get(id(person), []) if row.until_on is None]
        fill(person)
    pour(cast.people)
    for row in cast.mandates:
        row.person = row.person  # the key is known only now
        row.ended_by = cast.accounts["admin"] if row.until_on else None
    pour(cast.mandates)
    pour(
        [EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in cast.people]
    )
    subjects = list(Term.objects.subjects().order_by("pk"))
    if subjects:
        pour(
            [
                PersonTerm(content_object=person, tag=term)
                for person in cast.people
                for term in rng.sample(subjects, min(len(subjects), 3))
            ]
        )


def towns_by_language(organisations: Sequence[Organisation]) -> dict[str, list[str]]:
    """Names of the demo's municipalities for the slots of sentences."""
    towns = [o for o in organisations if o.authority_id]
    return {
        "he": [o.name_he for o in towns],
        "ar": [o.name_ar or o.name_he for o in towns if o.name_ar] or ["الناصرة"],
        "en": [o.name_en for o in towns if o.name_en] or ["Karmiel"],
    }
