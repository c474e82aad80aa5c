"""What a person wrote in a mail: without the mail it answers, without signature and legal notes, in three languages."""

import re
import unicodedata

#: The first line of letters that can be answered. Fixed here, not in the catalogues: letters are answered years later.
MARKERS = {
    "he": "— ענו מעל שורה זו —",
    "ar": "— اكتبوا ردّكم فوق هذا السطر —",
    "en": "— Reply above this line —",
}
LONGEST_LINE = 400  # looked at; the text itself is kept whole
#: Put by the reader of HTML where a mail program says that the answered mail or a signature begins.
CUT = "\ue000"

INVISIBLE = re.compile(r"[\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
MARKER = re.compile("ענו מעל שורה זו|اكتبوا ردكم فوق هذا السطر|reply above this line", re.IGNORECASE)
RULE = re.compile(
    r"[-–—_]{2,}\s*(?:original (?:message|appointment)|forwarded message|הודעה מקורית|ההודעה המקורית|הודעה שהועברה|הודעה מועברת"
    r"|الرسالة الأصلية|رسالة معاد توجيهها)\s*:?\s*[-–—_]{2,}",
    re.IGNORECASE,
)
WROTE = re.compile(r"\bwrote\b|כתב|מאת|كتب|كتابة|بواسطة", re.IGNORECASE)
WHEN = re.compile(r"\b(?:19|20)\d\d\b|[٠-٩]{4}|\d{1,2}:\d\d|[٠-٩]{1,2}:[٠-٩]{2}")
WHO = re.compile(r"[^\s<>@]+@[^\s<>@]+")
FROM = re.compile(r"(?:from|מאת|من)\s?:\s*\S", re.IGNORECASE)
OTHER = re.compile(
    r"(?:sent|date|to|cc|subject|נשלח|תאריך|אל|עותק|נושא|إلى|تم الإرسال|تاريخ الإرسال|التاريخ|نسخة|الموضوع)\s?:",
    re.IGNORECASE,
)
DEVICES = (
    r"iphone|ipad|mac\b|android|galaxy|samsung|huawei|xiaomi|blackberry|phone|mobile|device|tablet|outlook|gmail|yahoo|aol|mail for"
    r"|סמסונג|אנדרואיד|טלפון|מכשיר|סמארטפון|נייד|אייפון|هاتف|جهاز|جوال|آيفون|ايفون|أندرويد|سامسونج"
)
MACHINE = re.compile(
    rf"(?:sent (?:from|via|with|using)|get|נשלח|התקן|הורד|קבל|أرسلت|ارسلت|أرسل|تم الإرسال|مرسل|من|احصل على|الحصول على)\b.{{0,40}}?(?:{DEVICES})",
    re.IGNORECASE,
)
NOTE = re.compile(
    r'(?:הודעה זו|הודעת דוא"?ל זו|דוא"?ל זה|המידע (?:ה|ש|ב)|מסר זה|this (?:e-?mail|message|communication)\b|confidential|'
    r"the information (?:contained )?in|هذه الرسالة|هذا البريد|تحتوي هذه الرسالة|المعلومات الواردة)",
    re.IGNORECASE,
)
SECRET = re.compile(
    r"סודי|חסוי|מיועד|confidential|privileged|intended|recipient|سري|خاص|المرسل إليه|المستلم", re.IGNORECASE
)
CLOSING = re.compile(
    r"(?:בברכה|בברכת .{2,20}|בכבוד רב|בתודה|תודה(?: רבה| מראש)?|שלכם|שלך|kind regards|best regards|warm regards|regards|best|"
    r"many thanks|thanks|thank you|cheers|sincerely|yours|مع (?:خالص )?(?:التحية|تحياتي|الشكر|التقدير|الاحترام).{0,20}|تحياتي|شكرا|بارتياح)[\s,،.!–-]*",
    re.IGNORECASE,
)
CONTACT = re.compile(r"\+?\d[\d\s().-]{6,}\d|[^\s@]+@[^\s@]+\.[a-z]{2,}|https?://|www\.", re.IGNORECASE)
NEAR_END, LONGEST_SIGNATURE, LONGEST_NOTE = 4, 12, 20


def answer_in(text: str) -> str:
    """The part of a mail's text that its sender wrote for us; "" when there is none."""
    lines = [line.rstrip() for line in text.splitlines()]
    bare = [stripped(line) for line in lines]
    end = end_of_answer(bare)
    answer = without_signature(lines[:end])
    return answer or without_signature(between_quotes(lines, bare))


def stripped(line: str) -> str:
    """A line for comparing: without direction marks, points, stars and signs of quotation."""
    if line.isascii():
        return line[:LONGEST_LINE].strip().strip("*").strip()
    line = INVISIBLE.sub("", line[:LONGEST_LINE].replace("\xa0", " "))
    line = "".join(sign for sign in unicodedata.normalize("NFD", line) if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", line).strip().strip("*").strip()


def end_of_answer(bare: list[str]) -> int:
    """The line with which the answered mail begins, or the number of lines when there is none."""
    for place, line in enumerate(bare):
        if line and begins_answered_mail(bare, place):
            return place
    return len(bare)


def begins_answered_mail(bare: list[str], place: int) -> bool:
    line = bare[place].lstrip("> |").strip("* ")
    if line.startswith(CUT) or MARKER.search(line) or RULE.fullmatch(line):
        return True
    if FROM.match(line):
        heads = [other for other in bare[place + 1 : place + 7] if OTHER.match(other.lstrip("> *"))]
        return len(heads) >= 2
    if re.fullmatch(r"[_-]{10,}", line):
        return any(FROM.match(other.lstrip("> *")) for other in bare[place + 1 : place + 4])
    return is_attribution(bare, place)


def is_attribution(bare: list[str], place: int) -> bool:
    """Whether a line (or two, three: long ones are wrapped) says that somebody wrote something at some time."""
    for size in (1, 2, 3):
        if says_who_wrote(bare, place, size):  # the shortest one: what stands above it is the answer
            return not any(says_who_wrote(bare, place + later, size - later) for later in range(1, size))
    return False


def says_who_wrote(bare: list[str], place: int, size: int) -> bool:
    window = bare[place : place + size]
    if len(window) < size or not all(window) or CUT in window or not WHEN.search(window[0]):
        return False
    said = " ".join(line.lstrip("> ") for line in window)
    if len(said) > LONGEST_LINE or not said.endswith((":", "：")) or not WROTE.search(said):
        return False
    follows = next((line for line in bare[place + size : place + size + 5] if line), "")
    return follows.startswith((">", "|", CUT)) or bool(MARKER.search(follows) or WHO.search(said))


def between_quotes(lines: list[str], bare: list[str]) -> list[str]:
    """What stands below or between the quoted lines, for those who answer there."""
    if not any(line.startswith(">") for line in bare):
        return []
    kept, skipped = [], 0
    for place, line in enumerate(bare):
        if skipped:
            skipped -= 1
        elif is_attribution(bare, place):
            skipped = next(size for size in (0, 1, 2) if bare[place + size].endswith((":", "：")))
        elif not line.startswith((">", CUT)) and not MARKER.search(line):
            kept.append(lines[place])
    return kept


def without_signature(lines: list[str]) -> str:
    """The text without quoted lines at its end, signature, note of the phone and legal note."""
    lines = [line for line in lines if not line.startswith(CUT)]
    bare = [stripped(line) for line in lines]
    while bare and (not bare[-1] or bare[-1].startswith(">")):
        bare.pop()
    for find in (signature_mark, machine_note, legal_note, contact_block, machine_note):
        bare = bare[: find(bare)]
        while bare and not bare[-1]:
            bare.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines[: len(bare)])).strip()


def signature_mark(bare: list[str]) -> int:
    return next((place for place, line in enumerate(bare) if line in {"--", "—", "––"}), len(bare))


def machine_note(bare: list[str]) -> int:
    """Sent from my telephone, near the end."""
    full = [place for place, line in enumerate(bare) if line]
    for place in full[-NEAR_END:]:
        if len(bare[place]) <= 120 and MACHINE.match(bare[place].lstrip("- ")):
            return place
    return len(bare)


def legal_note(bare: list[str]) -> int:
    for place in range(max(1, len(bare) - LONGEST_NOTE), len(bare)):
        if NOTE.match(bare[place]) and SECRET.search(" ".join(bare[place : place + 6])):
            return place
    return len(bare)


def contact_block(bare: list[str]) -> int:
    """With best regards and telephone numbers: the page shows who wrote, and the numbers are not for all."""
    full = [place for place, line in enumerate(bare) if line]
    for place in full[1:][-LONGEST_SIGNATURE:]:
        if CLOSING.fullmatch(bare[place]) and CONTACT.search("\n".join(bare[place + 1 :])):
            return place
    return len(bare)
