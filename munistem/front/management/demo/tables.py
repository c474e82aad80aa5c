"""Two tables of many items in the demo: one that is in, and one that its owner is still mending."""

import csv
import io
import zipfile
from collections.abc import Sequence
from random import Random

from django.core.files.base import ContentFile

from knowledge.actions.bulk import carry
from knowledge.models import BulkImport, Item, Revision
from munistem.commons.enums import Language, Visibility
from munistem.commons.files import extraction
from munistem.commons.search.actions import reindex
from munistem.commons.tables.states import BulkState
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar, uuid_of

PATIENCE = 600  # seconds
HEADS = ("מזהה", "כותרת", "סוג", "תקציר", "טקסט", "שלבים ברצף", "קבצים")
DONE: tuple[tuple[str, ...], ...] = (
    (
        *("מ-1", "דף פתיחה לרכזת חדשה (הדגמה)", "מדריך", "מה עושים בשבועיים הראשונים בתפקיד: עם מי נפגשים, מה קוראים ומה משאירים לאחר כך."),
        *("בשבוע הראשון נפגשים עם שלושה אנשים: מנהלת אגף החינוך, מנהל המתנ״ס והמפקחת. בשבוע השני יושבים בשני שיעורים.", "יסודי, חטיבת ביניים", ""),
    ),
    (
        *("מ-2", "לוח שנה של תחרויות ואירועים (הדגמה)", "כלי", "כל התחרויות, הירידים וימי השיא של השנה, לפי שלב ולפי מועד הרשמה."),
        *("הלוח מתעדכן בתחילת כל מחצית. מועדי ההרשמה מסומנים חודש מראש.", "חטיבת ביניים, תיכון", "לוח שנה.csv"),
    ),
    (
        *("מ-3", "איך מספרים להורים על מסלול חמש יחידות (הדגמה)", "מדריך", "מצגת קצרה ושאלות שחוזרות בכל ערב הורים, עם תשובות שנוסו."),
        *("פותחים בסיפור של תלמידה מהעיר, ורק אחר כך במספרים.", "תיכון", ""),
    ),
)  # fmt: skip
HALF: tuple[tuple[str, ...], ...] = (
    (
        *("ק-1", "חוג אלקטרוניקה במקלט שכונתי (הדגמה)", "חקר מקרה", "מקלט שעמד ריק הפך לסדנה של שתי קבוצות בשבוע."),
        *("התחלנו בניקיון ובשולחנות ישנים של בית ספר שנסגר.", "יסודי, חטיבת ביניים", ""),
    ),
    (
        *("ק-2", "ימי חשיפה במפעל: מה לבקש ומה לתת (הדגמה)", "מדריך", "רשימה לתיאום יום במפעל, משיחת הטלפון הראשונה ועד מכתב התודה."),
        *("מבקשים מהנדסת אחת שמדברת בגובה העיניים, ולא מצגת.", "תיכון, תעסוקה", "רשימת תיאום.txt"),
    ),
    (
        *("ק-3", "", "כלי", "טבלה להשוואת הצעות של ספקי ציוד."),
        *("משווים מחיר, אחריות, הדרכה וזמן אספקה.", "יסודי", ""),
    ),
    (
        *("ק-4", "תוכנית קיץ לבנות (הדגמה)", "תוכנייה", "שבועיים של רובוטיקה, עם מדריכות סטודנטיות."),
        *("נרשמו 44 בנות, והשנה נפתחת קבוצה שנייה.", "חטיבת ביניים", ""),
    ),
    (
        *("ק-5", "סקר צרכים למורות מדעים (הדגמה)", "כלי", "שאלון של עשר דקות, ומה עושים עם התשובות."),
        *("שולחים אחרי חופשת סוכות, ומחזירים תשובה בתוך חודש.", "יסודי, חטיבה", "שאלון.pdf"),
    ),
    (
        *("ק-6", "לוח שנה של תחרויות (הדגמה)", "כלי", "לוח התחרויות של השנה, מוכן להדבקה."),
        *("אותו לוח, לתלייה בחדר המורים.", "תיכון", "לוח לתלייה.csv"),
    ),
)  # fmt: skip
BOARD = "תחרות,שלב,הרשמה עד\nאולימפיאדת מדעים צעירה,חטיבת ביניים,1.12\nתחרות רובוטים עירונית,יסודי,15.1\n"
TALLY = "לפני: מספר הילדים, הסעה, חולצות סגורות.\nבמפעל: סיור של שעה, התנסות של שעה, שיחה עם עובדת.\nאחרי: מכתב תודה ותמונה.\n"


def bring_in(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """The knowledge manager took one table in last month; of another, two rows of which she mended one wait for her."""
    done = read(cast, rng, "מדריכים וכלים לרכזות.csv", DONE, {"לוח שנה.csv": BOARD})
    take_in(done, calendar)
    files = {"רשימת תיאום.txt": TALLY, "לוח לתלייה.csv": BOARD}
    half = read(cast, rng, "סיפורים מהמחוז.csv", HALF, files)
    at = calendar.working_hour(2)
    BulkImport.objects.filter(pk=half.pk).update(made_at=at, expires_at=at + carry.KEPT)
    row = half.rows.get(identifier="ק-4")
    carry.mend_row(by=half.made_by, row=row, told={**row.told, "kind": "guide"})


def read(
    cast: Cast, rng: Random, name: str, rows: Sequence[Sequence[str]], files: dict[str, str]
) -> BulkImport:
    """A table with its files, as it stands once the worker has read it."""
    text, packed = io.StringIO(), io.BytesIO()
    csv.writer(text).writerows([HEADS, *rows])
    with zipfile.ZipFile(packed, "w") as archive:
        for entry, content in files.items():
            archive.writestr(entry, content)
    bulk = carry.begin_import(
        by=cast.accounts["knowledge"],
        table=ContentFile(text.getvalue().encode("utf-8-sig"), name),
        archive=ContentFile(packed.getvalue(), "קבצים.zip"),
        nonce=uuid_of(rng),
        key=uuid_of(rng),
        organisation=None,
        language=Language.HE,
        visibility=Visibility.NETWORK,
        community=None,
    )
    with extraction.patiently(PATIENCE):  # however busy the machine is, the demo is the same
        carry.read_import(bulk.pk)
    bulk.refresh_from_db()
    return bulk


def take_in(bulk: BulkImport, calendar: Calendar) -> None:
    """All of it as drafts, a month ago; nobody is told of what is long over."""
    carry.confirm_import(by=bulk.made_by, bulk=bulk, submits=False)
    bulk.refresh_from_db()
    known = carry.Known(bulk, bulk.made_by)
    for pk in list(bulk.rows.ready().in_order().values_list("pk", flat=True)):
        carry.take_in(pk, known)
    at = calendar.working_hour(20)
    BulkImport.objects.filter(pk=bulk.pk).update(
        state=BulkState.DONE, made_at=at, confirmed_at=at, finished_at=at, expires_at=at + carry.KEPT
    )
    items = Item.objects.filter(bulk_row__bulk=bulk)
    items.update(created_at=at)
    Revision.objects.filter(item__in=items).update(created_at=at, changed_at=at)
    reindex(items)
