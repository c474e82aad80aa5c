"""A second roundtable in the middle of its work, and a founding recommendation with a second version."""

from datetime import timedelta
from typing import Any

from members.enums import District
from members.models import User
from munistem.commons.terms.models import Term
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar
from policy.enums import Dimension, Gender, Indicator, Outcome, SeatAnswer, SeatRole, VersionState
from policy.models import (
    Consultation,
    ConsultationComment,
    Contribution,
    Recommendation,
    RecommendationVersion,
    Roundtable,
    RoundtableMeeting,
    RoundtableSeat,
    TargetShare,
    VersionSource,
    VersionStep,
)
from policy.models.version import TEXTS
from policy.models.words import CODES, SAID

TARGETS = {
    (Dimension.GENDER, Gender.WOMAN): 50,
    (Dimension.DISTRICT, District.NORTH): 20,
    (Dimension.DISTRICT, District.SOUTH): 20,
    (Dimension.LANGUAGE, "ar"): 20,
    (Dimension.ROLE, SeatRole.EDUCATOR): 25,
    (Dimension.ROLE, SeatRole.RESIDENT): 10,
}
TABLE = {
    "title_he": "מי ילמד? מורות ומורים ל־STEM בפריפריה (הדגמה)",
    "title_ar": "من سيعلّم؟ معلّمات ومعلّمو STEM في الأطراف (تجريبي)",
    "title_en": "Who will teach? STEM teachers far from the centre (demo)",
    "question_he": "מה יכולה רשות מקומית לעשות כדי שמורות ומורים טובים למדע ולטכנולוגיה יבואו אליה ויישארו?",
    "question_ar": "ماذا تستطيع السلطة المحلية أن تفعل كي يأتي إليها معلّمو العلوم والتكنولوجيا الجيّدون ويبقوا؟",
    "question_en": "What can a municipality do so that good teachers of science and technology come, and stay?",
    "background_he": "בשלוש שנים התחלפו ברבות מהרשויות יותר ממחצית מורי הפיזיקה. בשולחן ישבו מנהלות בתי ספר, מורים, הורים ואנשי רשות.",
}
#: Name, role, district, language, gender (as said), table, answer, was present.
SEATS: list[tuple[str, str, str, str, str, int | None, str, bool | None]] = [
    ("נעמה כהן (הדגמה)", SeatRole.EDUCATOR, District.NORTH, "he", Gender.WOMAN, 1, SeatAnswer.YES, True),
    ("سناء خوري (تجريبي)", SeatRole.EDUCATOR, District.NORTH, "ar", Gender.WOMAN, 1, SeatAnswer.YES, True),
    ("יואב מזרחי (הדגמה)", SeatRole.MUNICIPAL, District.CENTRE, "he", Gender.MAN, 1, SeatAnswer.YES, True),
    ("אלון ברק (הדגמה)", SeatRole.INDUSTRY, District.TEL_AVIV, "he", Gender.MAN, 1, SeatAnswer.YES, True),
    ("רות לוין (הדגמה)", SeatRole.MUNICIPAL, District.HAIFA, "he", Gender.WOMAN, 2, SeatAnswer.YES, True),
    ("مازن عودة (تجريبي)", SeatRole.MUNICIPAL, District.NORTH, "ar", "", 2, SeatAnswer.YES, True),
    ("דן שפירא (הדגמה)", SeatRole.RESEARCH, District.JERUSALEM, "he", Gender.MAN, 2, SeatAnswer.YES, True),
    ("עדי פרץ (הדגמה)", SeatRole.FUNDER, District.TEL_AVIV, "he", "", 2, SeatAnswer.YES, True),
    (
        "מאיה אזולאי (הדגמה)",
        SeatRole.RESIDENT,
        District.SOUTH,
        "he",
        Gender.WOMAN,
        None,
        SeatAnswer.NO,
        False,
    ),
    ("טלי גבאי (הדגמה)", SeatRole.EDUCATOR, District.SOUTH, "he", Gender.WOMAN, None, SeatAnswer.YES, False),
]
SAID_THERE = [
    (
        1,
        0,
        True,
        "he",
        "מורה לפיזיקה שמגיעה מרחוק נשארת רק אם יש לה שותפה למקצוע באזור. לבד בית ספר אי אפשר.",
    ),
    (1, 1, True, "ar", "المعلّمة الجديدة تحتاج إلى من ترافقها في السنتين الأوليين، لا إلى مكافأة مالية فقط."),
    (1, 2, False, "he", "הרשות יודעת חצי שנה מראש מי פורש. אפשר לפרסם משרות יחד, לכל בתי הספר בעיר."),
    (2, 4, True, "he", "שני ימי הוראה ויום אחד במעבדה של מפעל: כך גייסנו מהנדסת שנשארה שלוש שנים."),
    (2, 5, False, "ar", "لا توجد مختبرات مشتركة بين مدارسنا، فكل مدرسة تشتري القليل وحدها."),
    (2, None, False, "he", "דיור ומעון ליד בית הספר שווים יותר מתוספת שכר."),
]
WORDS = {
    "title_he": "צוות מורים אזורי ל־STEM",
    "title_ar": "طاقم معلّمين إقليمي لـSTEM",
    "title_en": "A regional team of STEM teachers",
    "summary_he": "כמה בתי ספר מעסיקים יחד מורות ומורים לפיזיקה, למתמטיקה ולמדעי המחשב, ומלווים אותם בשנתיים הראשונות.",
    "summary_ar": "توظّف عدّة مدارس معًا معلّمات ومعلّمين للفيزياء والرياضيات وعلوم الحاسوب، وترافقهم في السنتين الأوليين.",
    "summary_en": "Several schools employ teachers of physics, mathematics and computer science together, and stand by them in their first two years.",
    "rationale_he": "מורה יחידה למקצוע בבית ספר קטן עובדת לבד, ולרוב עוזבת.\n\nהרשות רואה את כל בתי הספר ויכולה לצרף חלקי משרות למשרה אחת שלמה.",
    "rationale_ar": "المعلّمة الوحيدة لموضوعها في مدرسة صغيرة تعمل وحدها، وغالبًا ما تترك.\n\nالسلطة ترى جميع المدارس وتستطيع أن تجمع أجزاء الوظائف في وظيفة كاملة.",
    "rationale_en": "The only teacher of a subject in a small school works alone, and mostly leaves.\n\nThe municipality sees all schools and can join parts of posts into a whole one.",
    "actions_he": "למפות בכל סתיו את חלקי המשרות החסרים\nלפרסם אותם יחד, עד פברואר\nלמנות מורה מלווה לכל מורה בשנתיים הראשונות",
    "actions_ar": "حصر أجزاء الوظائف الناقصة في كل خريف\nنشرها معًا حتى شباط\nتعيين معلّم مرافق لكل معلّم في سنتيه الأوليين",
    "actions_en": "Map the missing parts of posts every autumn\nPublish them together, by February\nName a companion for each teacher in the first two years",
    "cost_he": "כרבע משרה של רכז או רכזת ברשות.",
    "cost_ar": "نحو ربع وظيفة لمركّز أو مركّزة في السلطة.",
    "cost_en": "About a quarter of a coordinator's post in the municipality.",
}
MENDED = {
    "rationale_he": "מורה יחידה למקצוע בבית ספר קטן עובדת לבד, ולרוב עוזבת בתוך שלוש שנים.\n\nהרשות רואה את כל בתי הספר ויכולה לצרף חלקי משרות למשרה אחת שלמה, גם יחד עם הרשות השכנה.",
    "actions_he": "למפות בכל סתיו את חלקי המשרות החסרים\nלפרסם אותם יחד, עד פברואר\nלמנות מורה מלווה לכל מורה בשנתיים הראשונות, ולשלם על הליווי",
    "cost_he": "כרבע משרה של רכז או רכזת ברשות, ושעתיים שבועיות לכל מורה מלווה.",
}
COSTS = {
    "cost_he": "משרה אחת ברשות, ובשנה הראשונה כשני ימי ליווי בחודש. אפשר להתחיל בחצי משרה.",
    "cost_ar": "وظيفة واحدة في السلطة، وفي السنة الأولى نحو يومَي مرافقة في الشهر. يمكن البدء بنصف وظيفة.",
    "cost_en": "One post in the municipality, and in the first year some two days of guidance a month. Half a post is a beginning.",
}


def convene(cast: Cast, calendar: Calendar) -> None:
    """Both roundtables as they stand in the demo; before municipalities answer."""
    founded(calendar)
    costed(cast, calendar)
    table = second_table(cast, calendar)
    seats = [
        RoundtableSeat.objects.create(
            roundtable=table,
            name=name,
            role=role,
            district=district,
            language=language,
            gender=gender,
            table=number,
            answer=answer,
            was_present=was_present,
            invited_on=calendar.ago(110).date(),
        )
        for name, role, district, language, gender, number, answer, was_present in SEATS
    ]
    for (dimension, value), percent in TARGETS.items():
        TargetShare.objects.get_or_create(dimension=dimension, value=value, defaults={"percent": percent})
    drafted(table, written_down(table, seats, cast, calendar), cast, calendar)


def founded(calendar: Calendar) -> None:
    """The founding recommendations were adopted long before the portal stood."""
    VersionStep.objects.filter(version__number=1).update(taken_at=calendar.ago(420))
    RecommendationVersion.objects.update(written_at=calendar.ago(420))


def next_of(recommendation: Recommendation, by: User, at: Any, **words: Any) -> RecommendationVersion:
    """The next version in the words of the last, with some of them changed."""
    last = recommendation.versions.latest_first()[0]
    carried = {f"{field}_{code}": getattr(last, f"{field}_{code}") for field in TEXTS for code in CODES}
    told = {
        "life_stages": last.life_stages,
        "indicators": last.indicators,
        "written_by": by,
        "written_at": at,
    }
    number = last.number + 1
    return RecommendationVersion.objects.create(
        recommendation=recommendation, number=number, hebrew_since=number, **{**carried, **told, **words}
    )


def stepped(version: RecommendationVersion, state: str, by: User | None, at: Any, reason: str = "") -> None:
    """Put a version into a state, at a time of the past."""
    was_adopted = version.was_adopted or state == VersionState.ADOPTED
    RecommendationVersion.objects.filter(pk=version.pk).update(state=state, was_adopted=was_adopted)
    version.state, version.was_adopted = state, was_adopted
    VersionStep.objects.create(version=version, state=state, taken_by=by, taken_at=at, reason=reason)


def costed(cast: Cast, calendar: Calendar) -> None:
    """One founding recommendation has a second version, which says what it costs."""
    recommendation = Recommendation.objects.filter(slug="stem-excellence-manager").first()
    if recommendation is None or recommendation.current_version is None:
        return
    admin, first, at = cast.accounts["admin"], recommendation.current_version, calendar.ago(300)
    second = next_of(
        recommendation, admin, at, translated_from_ar=2, translated_from_en=2,
        indicators=[Indicator.UNKNOWN, Indicator.GIRLS_SHARE], **COSTS,
    )  # fmt: skip
    second.populations.set(Term.objects.populations().filter(slug__in=["girls", "periphery"]))
    stepped(second, VersionState.DRAFT, admin, calendar.ago(310))
    stepped(first, VersionState.SUPERSEDED, admin, at)
    stepped(second, VersionState.ADOPTED, admin, at, "הוועדה המייעצת ביקשה לומר מה זה עולה (הדגמה).")
    recommendation.current_version = second
    recommendation.save(update_fields=["current_version"])


def second_table(cast: Cast, calendar: Calendar) -> Roundtable:
    table = Roundtable.objects.create(
        slug="who-will-teach", held_on=calendar.ago(90).date(), is_published=True, **TABLE
    )
    table.conveners.add(cast.accounts["facilitator"])
    return table


def written_down(
    table: Roundtable, seats: list[RoundtableSeat], cast: Cast, calendar: Calendar
) -> list[Contribution]:
    meeting = RoundtableMeeting.objects.create(
        roundtable=table, held_on=table.held_on, name="מרכז פיס (הדגמה)"
    )
    return [
        Contribution.objects.create(
            roundtable=table,
            meeting=meeting,
            table=number,
            text=text,
            language=language,
            seat=None if seat is None else seats[seat],
            is_named=is_named,
            position=place,
            recorded_by=cast.accounts["facilitator"],
            recorded_at=calendar.ago(89),
        )
        for place, (number, seat, is_named, language, text) in enumerate(SAID_THERE, 1)
    ]


def drafted(table: Roundtable, said: list[Contribution], cast: Cast, calendar: Calendar) -> None:
    """A draft the network was asked about once, and its second version, about which it is asked now."""
    facilitator, manager = cast.accounts["facilitator"], cast.accounts["manager"]
    shown = {name: WORDS[name] for name in WORDS if name.rpartition("_")[0] in SAID}
    recommendation = Recommendation.objects.create(
        roundtable=table,
        number=1,
        slug="regional-team",
        life_stages=["lower_secondary", "upper_secondary"],
        **shown,
    )
    told = {"life_stages": recommendation.life_stages, "indicators": [Indicator.FIVE_UNITS_MATH]}
    first = RecommendationVersion.objects.create(
        recommendation=recommendation, number=1, written_by=facilitator, written_at=calendar.ago(80),
        translated_from_ar=1, translated_from_en=1, **told, **WORDS,
    )  # fmt: skip
    VersionSource.objects.bulk_create(VersionSource(version=first, contribution=one) for one in said[:4])
    stepped(first, VersionState.DRAFT, facilitator, calendar.ago(80))
    stepped(first, VersionState.CONSULTATION, facilitator, calendar.ago(59.6))
    asked = Consultation.objects.create(
        version=first, until_on=calendar.ago(40).date(), opened_at=calendar.ago(59.6), opened_by=facilitator,
        reminded_at=calendar.ago(43), closed_at=calendar.ago(39),
    )  # fmt: skip
    commented(asked, "rationale-2", manager, calendar, 52, "גם רשויות שכנות יכולות להעסיק יחד. כדאי לומר את זה.",
              Outcome.TAKEN, "נכון, הוספנו.", facilitator)  # fmt: skip
    commented(asked, "cost-1", cast.accounts["member"], calendar, 50, "الإرشاد عمل: من يدفع ثمنه؟",
              Outcome.PARTLY, "أضفنا ساعات الإرشاد؛ أما المصدر فتقرّره كل سلطة.", facilitator)  # fmt: skip
    second = next_of(
        recommendation, facilitator, calendar.ago(20), translated_from_ar=1, translated_from_en=1, **MENDED
    )
    VersionSource.objects.bulk_create(VersionSource(version=second, contribution=one) for one in said[:4])
    stepped(second, VersionState.DRAFT, facilitator, calendar.ago(30))
    stepped(first, VersionState.SUPERSEDED, facilitator, calendar.ago(5.6))
    stepped(second, VersionState.CONSULTATION, facilitator, calendar.ago(5.6))
    now = Consultation.objects.create(
        version=second,
        until_on=calendar.today + timedelta(days=15),
        opened_at=calendar.ago(5.6),
        opened_by=facilitator,
    )
    commented(now, "actions-2", manager, calendar, 2, "אצלנו פברואר מאוחר מדי. אולי ינואר?")


def commented(
    consultation: Consultation, paragraph: str, by: User, calendar: Calendar, days: int, body: str,
    outcome: str = "", answer: str = "", answered_by: User | None = None,
) -> None:  # fmt: skip
    ConsultationComment.objects.create(
        consultation=consultation, paragraph=paragraph, body=body, language="ar" if body[0] > "\u0600" else "he",
        written_by=by, written_at=calendar.ago(days - 0.4), outcome=outcome, answer=answer, answered_by=answered_by,
        answered_at=calendar.ago(days - 4.45) if outcome else None,
    )  # fmt: skip
