"""The table of programmes: its columns as they are headed in three languages, and the empty one to fill in."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from munistem.commons.days.school import TO_HEBREW, current_school_year
from munistem.commons.enums import Language, LifeStage, Setting
from munistem.commons.search.analyser import normalised
from munistem.commons.tables import book
from munistem.commons.tables.heads import by_head, columns_of, compared_head, own_head, words_of_choices
from munistem.commons.terms.models import Term
from policy.enums import ProgrammeStatus
from policy.models.figures import FIRST_YEAR
from policy.models.programme import READERS

#: Column → its heads: in Hebrew, Arabic and English, then others by which it is known.
HEADS: dict[str, tuple[str, ...]] = {
    "identifier": ("מזהה", "المعرّف", "ID", "identifier", "מספר", "رقم", "no"),
    "name": ("שם התוכנית", "اسم البرنامج", "Programme", "שם", "תוכנית", "الاسم", "البرنامج", "name", "program"),
    "what": ("מה עושים", "ما الذي يجري", "What is done", "תיאור", "الوصف", "description"),
    "status": ("מצב", "الحالة", "State", "סטטוס", "status"),
    "life_stages": ("שלבים ברצף", "المراحل العمرية", "Life stages", "שלב", "שלבים", "مرحلة", "stage", "stages"),
    "settings": ("מסגרות", "الأطر", "Settings", "מסגרת", "إطار", "setting"),
    "subjects": ("נושאים", "المواضيع", "Subjects", "נושא", "موضوع", "subject"),
    "populations": ("אוכלוסיות", "الفئات السكانية", "Populations", "אוכלוסייה", "population"),
    "provider": ("מי מפעיל", "الجهة المنفّذة", "Provider", "מפעיל", "גורם מפעיל", "ספק", "المنفّذ"),
    "funders": ("מי מממן", "الجهة المموّلة", "Funders", "מממנים", "מימון", "גורם מממן", "المموّلون", "funder"),
    "partners": ("שותפים", "الشركاء", "Partners", "שותפות"),
    "schools": ("בתי ספר", "المدارس", "Schools", "בית ספר", "مدرسة", "school"),
    "since": ("שנת לימודים ראשונה", "السنة الدراسية الأولى", "First school year", "משנת", "התחלה", "منذ", "since"),
    "until": ("שנת לימודים אחרונה", "السنة الدراسية الأخيرة", "Last school year", "עד שנת", "סיום", "حتى", "until"),
    "quality_assurance": ("בקרת איכות", "ضمان الجودة", "Quality assurance", "איכות", "الجودة", "quality"),
    "visibility": ("מי רואה", "من يراه", "Who may read it", "חשיפה", "visibility"),
    "language": ("שפה", "اللغة", "Language"),
    "year": ("שנת לימודים", "السنة الدراسية", "School year", "שנה", "שנת הנתונים", "السنة", "year"),
    "figures_stage": ("הנתונים לשלב", "الأرقام للمرحلة", "Figures of life stage", "שלב הנתונים"),
    "figures_setting": ("הנתונים למסגרת", "الأرقام للإطار", "Figures of setting", "מסגרת הנתונים"),
    "places": ("מקומות", "المقاعد", "Places", "מכסה", "מספר מקומות"),
    "participants": ("משתתפים", "المشاركون", "Participants", "משתתפות ומשתתפים", "מספר משתתפים", "عدد المشاركين"),
    "girls": ("בנות", "البنات", "Girls", "נערות", "الفتيات"),
    "boys": ("בנים", "البنون", "Boys", "נערים", "الفتيان"),
    "by_population": ("משתתפים לפי אוכלוסייה", "المشاركون حسب الفئة", "Participants by population", "לפי אוכלוסייה"),
}  # fmt: skip
#: Columns of the figures of a year; the others tell what the programme is.
FIGURES = ("places", "participants", "girls", "boys", "by_population")
#: Columns whose cells are words of the code, with the choices.
CHOICES: dict[str, list[tuple[str, Any]]] = {
    "status": ProgrammeStatus.choices,
    "life_stages": LifeStage.choices,
    "settings": Setting.choices,
    "visibility": [(reader.value, reader.label) for reader in READERS],
    "language": Language.choices,
    "figures_stage": LifeStage.choices,
    "figures_setting": Setting.choices,
}
SEVERAL = ("life_stages", "settings")
#: Shorter words that people write for some values.
SHORT: dict[str, tuple[str, ...]] = {
    Setting.FORMAL: ("פורמלי", "رسمي", "منهجي", "formal"),
    Setting.INFORMAL: ("בלתי פורמלי", "לא פורמלי", "غير رسمي", "لا منهجي", "informal"),
    Setting.FAMILY: ("משפחה", "קהילה", "משפחה וקהילה", "أسرة", "عائلة ومجتمع", "family", "community"),
    Setting.INDUSTRY: ("תעשייה", "صناعة", "industry"),
    LifeStage.EARLY_CHILDHOOD: ("גיל הרך", "גן", "גנים", "الطفولة المبكرة", "روضة"),
    LifeStage.PRIMARY: ("יסודי", "ابتدائي", "primary"),
    LifeStage.LOWER_SECONDARY: ("חטיבה", "חטיבת ביניים", "إعدادي"),
    LifeStage.UPPER_SECONDARY: ("תיכון", "ثانوي"),
    LifeStage.SERVICE: ("צבא", "שירות", "צבא ושירות", "خدمة"),
    LifeStage.HIGHER_EDUCATION: ("אקדמיה", "أكاديميا"),
}
WIDE = ("name", "what", "schools", "by_population", "funders")
_BY_HEAD = by_head(HEADS)


def column_of(head: str) -> str:
    """The column that a head names in any of the languages, "" for none."""
    return _BY_HEAD.get(compared_head(head), "")


def columns_in(heads: Iterable[str]) -> tuple[dict[int, str], list[str]]:
    """Place → column of a first line, and the heads that are not known."""
    return columns_of(heads, _BY_HEAD)


def head_of(column: str) -> str:
    """The head of a column in the reader's language; "" for one that there is not any more."""
    return own_head(HEADS, column)


def words_of(column: str) -> dict[str, str]:
    """Every way to write a value of the column, as words are compared, with the value."""
    return words_of_choices(CHOICES[column], SHORT)


def years_by_name() -> dict[str, int]:
    """School years by their Hebrew letters, as words are compared."""
    from pyluach.dates import HebrewDate

    return {
        normalised(HebrewDate(year + TO_HEBREW, 7, 1).hebrew_year()): year
        for year in range(FIRST_YEAR, current_school_year() + 10)
    }


def empty_book() -> bytes:
    """An Excel file to fill in with programmes."""
    return book.empty_book(_("Programmes"), list(map(_column, HEADS)), vocabulary())


def _column(name: str) -> book.Column:
    return book.Column(
        name,
        head_of(name),
        width=36 if name in WIDE else 18,
        is_required=name == "name",
        has_list=name in CHOICES and name not in SEVERAL,
    )


def vocabulary() -> dict[str, list[str]]:
    """Column → the words to choose from, in the reader's language."""
    known = {column: [str(label) for _value, label in choices] for column, choices in CHOICES.items()}
    known["subjects"] = [term.label for term in Term.objects.subjects().in_order()]
    known["populations"] = [term.label for term in Term.objects.populations().in_order()]
    return known
