"""Items described in full: a case study in Hebrew with its Arabic edition, a local model, a call, and one whose day is over."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from knowledge.enums import Audience, Evidence, ItemKind, Licence, Privacy, RevisionState, When
from knowledge.models import Item, Revision, RevisionTerm, ValidityQuestion
from munistem.commons.enums import LifeStage, Setting, Visibility
from munistem.commons.search.actions import index
from munistem.commons.terms.models import Term
from munistem.commons.text.slugs import free_slug
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar

SHARED: dict[str, Any] = {
    "kind": ItemKind.CASE_STUDY,
    "life_stages": [LifeStage.PRIMARY, LifeStage.LOWER_SECONDARY],
    "settings": [Setting.FORMAL, Setting.INFORMAL],
    "audience": [Audience.MANAGERS, Audience.PRINCIPALS],
    "licence": Licence.CC_BY,
    "privacy": Privacy.NONE,
}
CASE_HE = {
    "title": "מעבדת נדודים: אוטובוס מדע לשמונה בתי ספר (הדגמה)",
    "summary": "אוטובוס ישן הפך למעבדה שמגיעה פעם בשבועיים לכל בית ספר יסודי בעיר. אחרי שנתיים נרשמו לחוגי המדע"
    " כפליים ילדים, ומהם חצי בנות.",
    "body": "<p>בשלושה מבתי הספר אין חדר שאפשר להפוך למעבדה. במקום לבנות שלוש מעבדות בנינו אחת, על גלגלים.</p>"
    "<p>הנהג הוא גם איש התחזוקה של הציוד. המורים מקבלים את הערכות שבוע מראש, ומתנסים בהן לפני הילדים.</p>",
    "details": {
        "context": "שמונה בתי ספר יסודיים, מעבדה פעילה אחת בלבד. מורות המדעים ביקשו ציוד, ולא היה היכן לאחסן אותו."
        "\nבעבר ניסינו להסיע את הילדים למרכז המדע: כל נסיעה אכלה חצי יום, ורוב הכיתות ויתרו.",
        "done": "קנינו אוטובוס עירוני בן עשר מחברת ההסעות.\nבנינו בו שש עמדות, מקרן וכיור."
        "\nקבענו לוח קבוע: כל בית ספר יודע באיזה יום האוטובוס אצלו.\nשתי רכזות כתבו עם המורות עשר פעילויות לכל שכבה.",
        "cost": "240,000 ₪ הקמה, 95,000 ₪ לשנה; שליש מהעירייה, שליש ממפעל הפיס, שליש מחברה מקומית",
        "staff": "נהג־טכנאי במשרה מלאה, שתי רכזות בחצי משרה כל אחת",
        "partners": "מרכז המדע העירוני, המכללה האקדמית, חברת ההסעות",
        "results": "ההרשמה לחוגי מדע בכיתות ה׳–ו׳ עלתה מ־110 ל־236 ילדים; חלקן של הבנות עלה מ־31% ל־49%."
        "\nבשניים מבתי הספר נפתחה בינתיים מעבדה קבועה.",
        "evidence": Evidence.FIGURES,
        "next_time": "היינו מתחילים בהכשרת המורות חצי שנה לפני שהאוטובוס יוצא לדרך."
        "\nוהיינו קונים גנרטור שקט: הישן הפריע לכיתות הסמוכות.",
    },
}
CASE_AR = {
    "title": "مختبر متنقّل: حافلة علوم لثماني مدارس (تجريبي)",
    "summary": "حافلة قديمة صارت مختبرًا يصل كلّ أسبوعين إلى كلّ مدرسة ابتدائية في المدينة. بعد سنتين تضاعف عدد"
    " المسجّلين في دورات العلوم، ونصفهم بنات.",
    "body": "<p>في ثلاث من المدارس لا توجد غرفة تصلح مختبرًا. بدل بناء ثلاثة مختبرات بنينا واحدًا على عجلات.</p>",
    "details": {
        "context": "ثماني مدارس ابتدائية ومختبر واحد يعمل. طلبت معلّمات العلوم معدّات ولم يكن مكان لحفظها.",
        "done": "اشترينا حافلة عمرها عشر سنوات.\nبنينا فيها ستّ محطّات عمل وجهاز عرض ومغسلة."
        "\nوضعنا جدولًا ثابتًا: كلّ مدرسة تعرف في أيّ يوم تكون الحافلة عندها.",
        "cost": "240,000 شيكل للإنشاء و95,000 شيكل في السنة",
        "staff": "سائق وفنّي بوظيفة كاملة، ومركّزتان بنصف وظيفة لكلّ منهما",
        "partners": "مركز العلوم البلدي، الكلّية الأكاديمية، شركة السفريات",
        "results": "ارتفع التسجيل في دورات العلوم من 110 إلى 236 طفلًا، وارتفعت نسبة البنات من 31% إلى 49%.",
        "evidence": Evidence.FIGURES,
        "next_time": "كنّا سنبدأ بتأهيل المعلّمات قبل نصف سنة من انطلاق الحافلة.",
    },
}
MODEL_HE = {
    "title": "כך אנחנו מנהלים מצוינות STEM: המודל שלנו על דף אחד (הדגמה)",
    "summary": "צוות של ארבעה, ישיבה קבועה אחת לשבועיים ותוכנית שנה אחת שכולם חתומים עליה. מה עובד, ומה עדיין קשה.",
    "kind": ItemKind.LOCAL_MODEL,
    "details": {
        "organisation": "מנהלת STEM כפופה למנהל אגף החינוך ויושבת בהנהלה המורחבת.\nועדת היגוי בראשות ראש העיר נפגשת פעמיים בשנה.",
        "routines": "כל שבועיים: צוות STEM.\nכל חודש: מפגש רכזות של כל המסגרות.\nבמאי: תוכנית שנה. בדצמבר: תיקון אמצע.",
        "goals": "להכפיל בתוך שלוש שנים את מספר הבוגרות עם חמש יחידות מתמטיקה או פיזיקה.",
        "partners": "המכללה נותנת מעבדות, חברת ההייטק נותנת מתנדבים, עמותת ההורים נותנת אמון.",
        "challenges": "תחלופת רכזות. מה שעוזר: תיק תפקיד שעובר הלאה, וחודש חפיפה בתשלום.",
    },
}
CALL_HE = {
    "title": "קול קורא: מעבדות קטנות לגיל הרך (הדגמה)",
    "summary": "עד 30,000 ₪ לרשות שתפתח פינת מדע בשלושה גנים לפחות. ההגשה פשוטה: שני עמודים ומכתב ממנהלת האגף.",
    "kind": ItemKind.CALL,
    "life_stages": [LifeStage.EARLY_CHILDHOOD],
    "settings": [Setting.FORMAL, Setting.FAMILY],
    "details": {
        "socioeconomic": "1-6",
        "eligibility": "רשויות מקומיות באשכולות חברתיים־כלכליים 1–6; אפשר להגיש גם דרך אשכול אזורי.",
        "amount": "עד 30,000 ₪ לרשות, לציוד ולהכשרת גננות; ללא בינוי",
    },
}
OVER_HE = {
    "title": "מדריך לרכש ערכות רובוטיקה (הדגמה)",
    "summary": "מחירים, ספקים ומה לבדוק לפני שמזמינים. נכתב לפני המכרז האחרון, ולכן כדאי לבדוק את המחירים.",
    "kind": ItemKind.GUIDE,
    "body": "<p>לפני ההזמנה בדקו שלושה דברים: אחריות, חלקי חילוף, והכשרה בעברית או בערבית.</p>",
}


def describe(cast: Cast, calendar: Calendar) -> None:
    """Write them in the name of the municipality of the manager's account; its knowledge manager has published them."""
    town = cast.organisation_of(cast.accounts["manager"])
    case = shelve(cast, calendar, "he", {**CASE_HE, "year": calendar.today.year - 1}, days=80)
    shelve(cast, calendar, "ar", {**CASE_AR, "year": calendar.today.year - 1}, days=60, edition_of=case)
    shelve(cast, calendar, "he", MODEL_HE, days=45)
    deadline = calendar.today + timedelta(days=40)
    call = {**CALL_HE, "details": {**CALL_HE["details"], "deadline": deadline.isoformat()}}
    shelve(cast, calendar, "he", call, days=12, until=deadline, by="facilitator")
    over = calendar.today - timedelta(days=9)
    guide = shelve(cast, calendar, "he", OVER_HE, days=700, until=over)
    assert guide.organisation == town
    ValidityQuestion.objects.create(item=guide, day=over, when=When.OVER, asked_at=calendar.ago(8))


def shelve(
    cast: Cast,
    calendar: Calendar,
    language: str,
    said: dict[str, Any],
    *,
    days: int,
    until: date | None = None,
    edition_of: Item | None = None,
    by: str = "manager",
) -> Item:
    """One published item with its words of the vocabulary, in the name of the organisation of one of the accounts."""
    author, at = cast.accounts[by], calendar.working_hour(days)
    owner = cast.organisation_of(author)
    item = Item.objects.create(
        slug=free_slug(Item, said["title"]), visibility=Visibility.PUBLIC, organisation=owner,
        created_by=author, language=language, edition_of=edition_of,
    )  # fmt: skip
    revision = Revision.objects.create(
        item=item, number=1, state=RevisionState.PUBLISHED, language=language, visibility=Visibility.PUBLIC,
        authority=owner.authority if owner else None, contact=author.name, created_by=author, created_at=at, changed_at=at, submitted_at=at,
        decided_at=calendar.later(at, 40), decided_by=cast.accounts["knowledge"], valid_until=until, **{**SHARED, **said},
    )  # fmt: skip
    terms = Term.objects.curated().filter(slug__in=("robotics", "girls")) or Term.objects.curated()[:2]
    RevisionTerm.objects.bulk_create(RevisionTerm(content_object=revision, tag=term) for term in terms)
    item.published, item.published_at = revision, revision.decided_at
    item.valid_until = until or timezone.localtime(revision.decided_at).date() + timedelta(days=3 * 365)
    item.save(update_fields=["published", "published_at", "valid_until"])
    index(item)
    return item
