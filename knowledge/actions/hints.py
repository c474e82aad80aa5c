"""Words by which a text shows what kind of thing it is, and which life stages and settings it tells of, in he, ar, en.

Each is looked for in any inflection; a phrase as these words next to each other.
"""

from knowledge.enums import ItemKind
from munistem.commons.enums import LifeStage, Setting

KINDS: dict[str, tuple[str, ...]] = {
    ItemKind.CALL: (
        *("קול קורא", "הגשת בקשות", "הגשת הצעות", "מועד אחרון להגשה", "תנאי סף"),
        *("نداء لتقديم", "دعوة لتقديم", "الموعد الأخير لتقديم", "call for proposals", "submission deadline", "eligibility"),
    ),
    ItemKind.CASE_STUDY: (
        *("מקרה בוחן", "חקר מקרה", "סיפור הצלחה", "מה עשינו", "מה למדנו", "היינו עושים אחרת", "הניסיון שלנו"),
        *("دراسة حالة", "قصة نجاح", "ماذا تعلمنا", "case study", "what we did", "what we learned", "lessons learned"),
    ),
    ItemKind.RESEARCH: (
        *("מחקר", "ממצאים", "דוח מחקר", "סקירת ספרות", "שיטת המחקר", "מדגם", "סקר"),
        *("بحث", "نتائج البحث", "عينة", "استطلاع", "research", "findings", "literature review", "methodology", "survey"),
    ),
    ItemKind.LOCAL_MODEL: (
        *("מודל עירוני", "מודל רשותי", "מודל הפעלה", "המודל", "שגרות עבודה", "מבנה ארגוני"),
        *("نموذج محلي", "نموذج بلدي", "النموذج", "local model", "municipal model", "operating model", "working routines"),
    ),
    ItemKind.MEETING: (
        *("סיכום מפגש", "סיכום ישיבה", "פרוטוקול", "סדר היום", "נוכחים", "משתתפים במפגש"),
        *("محضر", "ملخص لقاء", "جدول الأعمال", "الحاضرون", "minutes", "agenda", "attendees"),
    ),
    ItemKind.TOOL: (
        *("ערכה", "תבנית", "טופס", "מחוון", "שאלון", "רשימת תיוג", "גיליון עבודה"),
        *("حقيبة أدوات", "نموذج تعبئة", "استمارة", "قائمة فحص", "toolkit", "template", "checklist", "questionnaire", "worksheet"),
    ),
    ItemKind.GUIDE: (
        *("מדריך", "צעד אחר צעד", "איך עושים", "הנחיות", "שלבי העבודה", "המלצות"),
        *("دليل", "خطوة بخطوة", "إرشادات", "توصيات", "guide", "handbook", "how to", "step by step", "guidelines"),
    ),
}  # fmt: skip

STAGES: dict[str, tuple[str, ...]] = {
    LifeStage.EARLY_CHILDHOOD: (
        *("גיל הרך", "גן ילדים", "גני ילדים", "גננת", "מעון יום", "פעוטות"),
        *("الطفولة المبكرة", "رياض الأطفال", "روضة", "حضانة", "early childhood", "kindergarten", "preschool"),
    ),
    LifeStage.PRIMARY: (
        *("יסודי", "בית ספר יסודי", "כיתות היסוד", "ابتدائي", "المدرسة الابتدائية"),
        *("primary school", "elementary school", "primary education"),
    ),
    LifeStage.LOWER_SECONDARY: (
        *("חטיבת ביניים", "חטיבות הביניים", 'חט"ב', "إعدادي", "المرحلة الإعدادية"),
        *("middle school", "junior high", "lower secondary"),
    ),
    LifeStage.UPPER_SECONDARY: (
        *("תיכון", "תיכונים", "בגרות", "חמש יחידות", "5 יחידות", 'חט"ע', "חטיבה עליונה"),
        *("ثانوي", "المرحلة الثانوية", "بجروت", "خمس وحدات", "high school", "upper secondary", "matriculation"),
    ),
    LifeStage.SERVICE: (
        *("שירות צבאי", "שירות לאומי", "שירות אזרחי", 'צה"ל', "מכינה קדם צבאית", "עתודה"),
        *("الخدمة المدنية", "الخدمة الوطنية", "military service", "national service", "civic service"),
    ),
    LifeStage.HIGHER_EDUCATION: (
        *("השכלה גבוהה", "אוניברסיטה", "מכללה", "סטודנטים", "תואר ראשון", "אקדמיה"),
        *("التعليم العالي", "جامعة", "كلية", "طلاب جامعيون", "higher education", "university", "college", "undergraduate"),
    ),
    LifeStage.EMPLOYMENT: (
        *("תעסוקה", "שוק העבודה", "מעסיקים", "הייטק", "הכשרה מקצועית"),
        *("تشغيل", "سوق العمل", "مشغلين", "تدريب مهني", "employment", "employers", "labour market", "job market", "workforce"),
    ),
}  # fmt: skip

SETTINGS: dict[str, tuple[str, ...]] = {
    Setting.FORMAL: (
        *("חינוך פורמלי", "בתי ספר", "בית ספר", "מורים", "תוכנית לימודים", "שעות לימוד"),
        *("تعليم رسمي", "مدارس", "مدرسة", "معلمين", "منهاج", "formal education", "schools", "teachers", "curriculum"),
    ),
    Setting.INFORMAL: (
        *("חינוך בלתי פורמלי", "בלתי פורמלי", "חוגים", 'מתנ"ס', "תנועות נוער", "מועדונית", "קייטנה", "אחר הצהריים"),
        *("تعليم غير رسمي", "دورات", "مركز جماهيري", "مخيم صيفي", "informal education", "after school", "community centre", "summer camp", "youth movement"),
    ),
    Setting.FAMILY: (
        *("הורים", "משפחות", "משפחה וקהילה", "הורים וילדים", "أهالي", "عائلات", "أولياء الأمور"),
        *("parents", "families", "family and community"),
    ),
    Setting.INDUSTRY: (
        *("תעשייה", "חברות הייטק", "מפעלים", "שותפים עסקיים", "מתנדבים מהתעשייה"),
        *("صناعة", "شركات", "مصانع", "industry", "companies", "business partners"),
    ),
}  # fmt: skip

#: Before the name of a place they show that the place is meant, and not the word.
OF_A_PLACE = {
    *("עיריית", "עיריה", "עירייה", "העיר", "בעיר", "מועצה", "מועצת", "המועצה", "המקומית", "האזורית", "מקומית", "אזורית", "רשות", "הרשות"),
    *("بلدية", "مدينة", "مجلس", "المجلس", "المحلي", "الإقليمي", "municipality", "city", "town", "of", "council"),
}  # fmt: skip
#: Names that cameras, scanners and programs give; they say nothing.
SAYS_NOTHING = (
    r"(?:img|dsc|scan|scanned|document|doc|untitled|new|copy|file|מסמך|סריקה|מצגת|עותק|ללא שם|חדש|קובץ|presentation|"
    r"screenshot|whatsapp image|مستند|عرض|ملف|final|סופי)"
)
