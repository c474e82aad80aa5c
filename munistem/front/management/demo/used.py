"""How the library of the demo is used: adaptations with and without a report, collections, shelves, follows, numbers."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from communities.enums import Access
from communities.models import Community, Post
from knowledge.actions.citing import find_all
from knowledge.enums import Benefit, FollowKind, Shown, UseKind
from knowledge.models import Adaptation, Collection, CollectionItem, Follow, Item, ItemUse, Saved, Useful
from knowledge.models.follow import canonical
from members.enums import District, OrganisationType
from munistem.commons.enums import LifeStage, Visibility
from munistem.commons.search.actions import index
from munistem.commons.text.slugs import free_slug
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, pour

REPORT_AR = {
    "purpose": "نريد حافلة مشتركة لخمس مدارس في الناصرة، بالتعاون مع المركز الجماهيري. (تجريبي)",
    "kept": "الجدول الثابت: كلّ مدرسة تعرف يومها مسبقًا.",
    "changed": "استأجرنا حافلة صغيرة بدل شرائها، والمعلّمات هنّ من يشغّلن المحطّات.",
    "dropped": "تخلّينا عن المغسلة وعن التجارب التي تحتاج ماء.",
    "result": "خلال خمسة أشهر وصلت الحافلة إلى 430 طالبة وطالبًا، وطلبت مدرستان إضافيّتان الانضمام.",
    "advice": "ابدأوا بتأهيل المعلّمات قبل وصول الحافلة، واحجزوا موقف السيّارات مسبقًا.",
}
PURPOSES = (
    "מעבדה ניידת לשלושה יישובים במועצה, בשיתוף האשכול. (הדגמה)",
    "התאמה לבתי ספר קטנים: ערכות בארגזים במקום אוטובוס. (הדגמה)",
)
OWN = "לפתוח קבוצה אחת לבנות בחטיבת הביניים, לפי המודל הזה. (הדגמה)"
COLLECTIONS: tuple[dict[str, Any], ...] = (
    {
        "who": "knowledge",
        "title": "לפני שפותחים מרכז מדע עירוני (הדגמה)",
        "text": "חמישה דברים שכדאי לקרוא לפני הישיבה הראשונה: מה בנו אחרים, כמה זה עלה, ומה היו עושים אחרת.",
        "visibility": Visibility.PUBLIC,
        "notes": (
            "מתחילים כאן: סיפור מלא, עם מספרים ועם טעויות.",
            "כך נראית שגרה שמחזיקה מעמד.",
            "לקרוא עם מנהלת הכספים.",
        ),
    },
    {
        "who": "facilitator",
        "title": "לקראת המפגש הבא של הקהילה (הדגמה)",
        "text": "מי שקוראת את השלושה האלה באה למפגש עם שאלות טובות.",
        "visibility": Visibility.COMMUNITY,
        "notes": ("הדוגמה שנפתח איתה.", "", ""),
    },
)
NOTE = "לקחנו מזה את לוח הזמנים, ובתוך חודש כל בתי הספר היו בפנים. תודה! (הדגמה)"
LINK = '<p>כתבו על זה יפה כאן: <a href="{}">{}</a> (הדגמה)</p>'


def use(cast: Cast, communities: Sequence[Community], calendar: Calendar, rng: Random) -> None:
    """Let the case study travel, and put others to use; there has to be something in the library."""
    items = list(Item.objects.published().filter(visibility=Visibility.PUBLIC).order_by("pk"))
    case = next((item for item in items if item.editions.exists()), None)
    if case is None:
        return
    adapt(case, items, cast, calendar)
    collect([case, *(item for item in items if item != case)], cast, communities, calendar)
    mark(items, case, cast, calendar)
    count(items[:40], calendar, rng)
    speak_of(case, communities)


def adapt(case: Item, items: Sequence[Item], cast: Cast, calendar: Calendar) -> None:
    """Nazareth has told how it went, two towns are under way; the manager's own town is asked today."""
    nazareth, manager = cast.accounts["member"], cast.accounts["manager"]
    at = calendar.working_hour(170)
    begin(case, nazareth, cast, at, shown=Shown.PUBLIC, due_on=calendar.ago(20).date(), asked_at=calendar.ago(20), reported_at=calendar.ago(18), reported_by=nazareth, **REPORT_AR)  # fmt: skip
    others = [row for row in cast.mandates if row.is_manager and row.until_on is None and row.organisation.authority_id]  # fmt: skip
    besides = {case.organisation_id, getattr(cast.organisation_of(nazareth), "pk", None)}
    towns = {row.organisation_id: row for row in others if row.organisation_id not in besides}
    for number, (row, purpose) in enumerate(zip(towns.values(), PURPOSES, strict=False)):
        due = calendar.today + timedelta(days=100 + 20 * number)
        begin(case, row.person, cast, calendar.working_hour(40), purpose=purpose, due_on=due, shown=[Shown.PUBLIC, Shown.NETWORK][number])  # fmt: skip
    foreign = next((item for item in items if item.organisation_id not in (None, case.organisation_id)), None)
    if foreign:
        due = calendar.ago(1)
        begin(foreign, manager, cast, calendar.working_hour(150), purpose=OWN, shown=Shown.NETWORK, due_on=due.date(), asked_at=due)  # fmt: skip
    shown = Adaptation.objects.standing().filter(item=case, shown=Shown.PUBLIC)
    Item.objects.filter(pk=case.pk).update(adaptation_count=shown.count())


def begin(item: Item, person: Any, cast: Cast, at: Any, **fields: Any) -> None:
    Adaptation.objects.create(
        item=item, organisation=cast.organisation_of(person), begun_by=person, begun_at=at, **fields
    )


def collect(items: Sequence[Item], cast: Cast, communities: Sequence[Community], calendar: Calendar) -> None:
    """One collection for everyone, one for the members of the facilitator's community."""
    home = next(row for row in communities if row.slug == "stem-managers")
    for number, told in enumerate(COLLECTIONS):
        by = cast.accounts[told["who"]]
        collection = Collection.objects.create(
            slug=free_slug(Collection, told["title"]),
            title=told["title"],
            text=told["text"],
            language="he",
            visibility=told["visibility"],
            community=home if told["visibility"] == Visibility.COMMUNITY else None,
            created_by=by,
            changed_at=calendar.working_hour(3 + number),
        )
        index(collection)
        chosen = items[: len(told["notes"])] if number == 0 else items[1 : 1 + len(told["notes"])]
        for place, (item, note) in enumerate(zip(chosen, told["notes"], strict=False), 1):
            CollectionItem.objects.create(
                collection=collection, item=item, position=place, note=note, added_by=by
            )


def mark(items: Sequence[Item], case: Item, cast: Cast, calendar: Calendar) -> None:
    """Thanks for the case study and a few others; a shelf and follows of the two accounts that try things out."""
    readers = [person for person in cast.acting if person.pk != case.created_by_id][:9]
    others = [item for item in items if item != case]
    for item in (case, *others[:6]):
        mine = readers if item == case else readers[: item.pk % 4]
        rows = [person for person in mine if person.pk != item.created_by_id]
        for number, person in enumerate(rows):
            benefit = list(Benefit)[number % len(Benefit)]
            note = NOTE if item == case and number == 1 else ""
            at = calendar.ago(3 + number)
            Useful.objects.create(item=item, person=person, benefit=benefit, note=note, marked_at=at)
        Item.objects.filter(pk=item.pk).update(useful_count=len(rows))
    for who in ("manager", "member"):
        person = cast.accounts[who]
        for item in others[2:5]:
            Saved.objects.create(item=item, person=person, saved_at=calendar.ago(4))
        follows = ((FollowKind.STAGE, LifeStage.PRIMARY), (FollowKind.SEARCH, "q=רובוטיקה&stage=primary"))
        for kind, value in follows:
            Follow.objects.create(person=person, kind=kind, value=kept(value), followed_at=calendar.ago(12))
    for item in others[2:5]:
        Item.objects.filter(pk=item.pk).update(saved_count=2)


def kept(value: str) -> str:
    """A search as it is kept; anything else as it is."""
    return canonical(value) if "=" in value else value


def count(items: Sequence[Item], calendar: Calendar, rng: Random) -> None:
    """Numbers of the last half year, by kind of organisation and district."""
    months = sorted({calendar.ago(days).date().replace(day=1) for days in range(0, 180, 15)})
    groups = [
        ("", ""),
        *((OrganisationType.MUNICIPALITY, district) for district in list(District)[:5]),
        (OrganisationType.NGO, ""),
    ]
    rows = []
    for item in items:
        for month in months:
            for kind, district in groups:
                views = rng.randint(0, 14)
                numbers = {UseKind.VIEW: views, UseKind.DOWNLOAD: views // 4}
                rows += [
                    ItemUse(
                        item=item,
                        month=month,
                        kind=sort,
                        organisation_type=str(kind),
                        district=str(district),
                        number=number,
                    )
                    for sort, number in numbers.items()
                    if number
                ]
    pour(rows)


def speak_of(case: Item, communities: Sequence[Community]) -> None:
    """A discussion that everyone may read links to the case study."""
    public = [row.pk for row in communities if row.access == Access.OPEN]
    post = Post.objects.filter(topic__community__in=public, hidden_at__isnull=True, topic__language="he", number__gt=1).order_by("-pk").first()  # fmt: skip
    if post:
        Post.objects.filter(pk=post.pk).update(
            body=post.body + LINK.format(case.get_absolute_url(), case.published.title)
        )
        index(post.topic)
        find_all()
