"""Three calls for proposals of a foundation: one fits Karmiel, one Nazareth, one neither."""

from datetime import timedelta
from typing import Any

from knowledge.enums import Audience, ItemKind
from munistem.commons.enums import LifeStage, Setting
from munistem.front.management.demo.described import shelve
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar
from policy.enums.call import CallWish
from policy.models import CallChoice

CALL: dict[str, Any] = {
    "kind": ItemKind.CALL,
    "audience": [Audience.MANAGERS],
}
NORTH_HE = {
    **CALL,
    "title": "קול קורא: בנות בפיזיקה ובמדעי המחשב בצפון (הדגמה)",
    "summary": "עד 120,000 ₪ לשנתיים לרשות בצפון שתקים קבוצות בנות בחטיבה ובתיכון, עם מנטוריות מהתעשייה.",
    "life_stages": [LifeStage.LOWER_SECONDARY, LifeStage.UPPER_SECONDARY],
    "settings": [Setting.INFORMAL, Setting.INDUSTRY],
    "details": {
        "eligibility": "רשויות מקומיות במחוז הצפון, עד אשכול חברתי־כלכלי 6. נדרש מכתב של מנהלת אגף החינוך.",
        "amount": "עד 120,000 ₪ לשנתיים; עד שליש להסעות",
        "socioeconomic": "1-6",
        "districts": "north",
        "size": "20000-60000",
    },
}
ARAB_AR = {
    **CALL,
    "title": "نداء لتقديم اقتراحات: مركز STEM للعائلات في المجتمع العربي (للعرض)",
    "summary": "حتى 200,000 ₪ لسلطة محلية تفتح مركزًا مسائيًا للأهل والأولاد معًا، باللغة العربية، خلال سنة.",
    "life_stages": [LifeStage.EARLY_CHILDHOOD, LifeStage.PRIMARY],
    "settings": [Setting.FAMILY, Setting.INFORMAL],
    "details": {
        "eligibility": "سلطات محلية غالبية سكانها من المجتمع العربي أو الدرزي أو البدوي، في العناقيد 1 إلى 4.",
        "amount": "حتى 200,000 ₪، منها النصف على الأكثر للتجهيزات",
        "socioeconomic": "1-4",
        "groups": "arab,druze,bedouin",
    },
}
SOUTH_HE = {
    **CALL,
    "title": "קול קורא: מעבדות משותפות לאשכולות בדרום (הדגמה)",
    "summary": "עד 400,000 ₪ לשלוש רשויות ומעלה שיחלקו מעבדה אחת, מורה אחת והסעות.",
    "life_stages": [LifeStage.PRIMARY],
    "settings": [Setting.FORMAL],
    "details": {
        "eligibility": "שלוש רשויות או יותר מאותו אשכול אזורי.",
        "amount": "עד 400,000 ₪",
        "districts": "south",
        "periphery": "1-4",
    },
}
#: What is called for, in which language, closing in so many days.
CALLS = ((NORTH_HE, "he", 11), (ARAB_AR, "ar", 25), (SOUTH_HE, "he", 47))


def call_for_proposals(cast: Cast, calendar: Calendar) -> None:
    """Published in the name of the foundation of the facilitator's account; the manager follows the first."""
    for place, (said, language, days) in enumerate(CALLS):
        deadline = calendar.today + timedelta(days=days)
        told = {**said, "details": {**said["details"], "deadline": deadline.isoformat()}}
        item = shelve(cast, calendar, language, told, days=20 + place, until=deadline, by="facilitator")
        if not place:
            CallChoice.objects.create(person=cast.accounts["manager"], item=item, wish=CallWish.FOLLOW)
