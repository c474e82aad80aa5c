"""Reading mail as it comes: real-shaped mails in tests/commons/mails, and mail that means harm."""

import contextlib
import random
from pathlib import Path

import pytest

from munistem.commons.mail.bodies import text_of_html
from munistem.commons.mail.charsets import decode, header
from munistem.commons.mail.incoming import Incoming, Unreadable, parse
from munistem.commons.mail.quoting import MARKERS, answer_in
from tests.moments import worked

MAILS = Path(__file__).with_name("mails")
ANSWERS = {
    "he-gmail-web": "שלום לכולם,\n\nאצלנו חצי מהסכום בא ממפעל הפיס וחצי מתקציב אגף החינוך, והמכרז נסגר תוך שלושה חודשים.\n"
    "מצרפת קישור: https://www.karmiel.example/lab\n\nדנה",
    "he-gmail-android": "תודה, זה עוזר מאוד!",
    "he-outlook-desktop": "סמי שלום,\n\nאנחנו קנינו ציוד משומש מהטכניון. אשמח להראות לך.",
    "he-outlook-iphone": "גם אצלנו. נדבר ביום שלישי?",
    "he-iphone": "כן, נשמח לארח אתכם אצלנו במעבדה.\nיום רביעי בעשר מתאים?",
    "he-samsung": "קיבלתי, תודה רבה.",
    "he-no-charset": "אפשר להיפגש אצלנו ביום שני.\nיש חניה בשפע.",
    "he-8859-8-i": "שלום, יש לנו מעבדה ניידת להשאלה.",
    "he-lying-charset": "שלום, נשמח להצטרף.",
    "he-inline-answers": "מתקציב העירייה ומקרן אחת.\n\nמורה לפיזיקה, יום בשבוע.",
    "he-hebrew-words-kept": "נשלח מכתב לכל ההורים, והנה מה שנאמר בו.\nבשנה שעברה כתבה אלינו המנהלת:\nאין די חדרים.\n\nתודה,\nדנה",
    "he-apple-attachment": "הנה התוכנית שלנו ותקציב.",
    "he-winmail": "מצורף הקובץ.",
    "ar-gmail-web": "شكرًا جزيلًا، هذا ما كنّا نبحث عنه.\nهل يمكن زيارتكم الأسبوع القادم؟\n\nسامي",
    "ar-outlook-desktop": "السلام عليكم،\n\nاشترينا المعدات على مرحلتين.",
    "ar-iphone": "نعم، سنحضر كلّنا.",
    "ar-no-charset": "السلام عليكم، هل لديكم مختبر متنقل للإعارة؟",
    "ar-samsung": "تمام، نلتقي غدًا.",
    "en-gmail-web": "We shared one lab between three schools; the timetable was harder than the money.\n\nRuth",
    "en-outlook-desktop": "Hello all,\n\nHere is what we did: one lab, three schools.",
    "en-iphone": "Yes, Tuesday works for us. Bring the plan.",
    "en-yahoo-html-only": "Count us in & thanks <3\n\n• two teachers\n• one room",
    "en-thunderbird-below": "From the city's budget, over two years.",
    "en-new-topic": "We would like to join one, or to begin one with others.\n\nIs there a league near Modi'in?",
    "en-mentions-itself": "From: the north, we come with two buses.\nTo be sure, call me.\nOn Monday the mayor wrote: it will be done.\n\nRuth",
    "hostile-broken-base64": "Hello world",
    "hostile-no-end": "Nobody closes this.",
    "hostile-script": "Hi click <script>alert(5)</script>",
    "hostile-odd-charsets": "Path C:\\\\x and \\u0000 \ufffd stay words.",
}
MACHINES = {
    "auto-he-exchange": "auto-reply",
    "auto-he-only-subject": "auto-reply",
    "auto-en-gmail": "auto-reply",
    "auto-ar": "auto-reply",
    "auto-list": "list",
    "auto-receipt": "receipt",
    "bounce-postfix-unknown": "bounce",
    "bounce-exchange-unknown": "bounce",
    "bounce-full": "bounce",
    "bounce-late": "bounce",
    "bounce-spam": "bounce",
    "calendar-google-accepted": "auto-reply",
}


def mail(name: str) -> Incoming:
    return parse((MAILS / f"{name}.eml").read_bytes())


@pytest.mark.parametrize("name", ANSWERS)
def test_what_the_sender_wrote_is_found(name):
    assert mail(name).text == ANSWERS[name]


@pytest.mark.parametrize("name", sorted(path.stem for path in MAILS.glob("*.eml")))
def test_machines_are_told_from_people(name):
    assert mail(name).machine == MACHINES.get(name, "")


def test_subjects_are_read_in_any_charset():
    assert mail("he-no-charset").subject == "הצעה למפגש בכרמיאל"
    assert mail("ar-no-charset").subject == "سؤال عن المختبر"
    assert mail("ar-outlook-desktop").subject == "رد: المختبر الأول"
    assert mail("he-outlook-iphone").subject == "תשובה: [מנהלי STEM] מעבדה ראשונה"


def test_files_are_found_with_their_names():
    (file,) = mail("he-apple-attachment").files
    assert (file.name, file.content.decode()) == ("תוכנית המעבדה.txt", "שלב ראשון: ציוד.\n")
    assert mail("he-winmail").left_out == ("winmail.dat",)


def test_one_sender_or_none():
    assert mail("en-iphone").sender == "dana@karmiel.example"
    assert mail("hostile-name-is-address").sender == "evil@attacker.example"
    assert [mail(f"hostile-{name}").sender for name in ("two-senders", "twice-from", "comment")] == [""] * 3


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        (r'"Levi \"Dana\" (IT)" <dana@karmiel.example>', "dana@karmiel.example"),
        (r'"x\" <dana@karmiel.example> " <evil@attacker.example> ""', "evil@attacker.example"),
        (r"(\) dana@karmiel.example) evil@attacker.example ()", "evil@attacker.example"),
        ("x" * 3_000 + " <dana@karmiel.example>", ""),
    ],
)
def test_sender_is_read_as_mail_servers_read_it(line, sender):
    assert parse(f"From: {line}\nSubject: x\n\nHello\n".encode()).sender == sender


def test_a_header_stays_one_line():
    assert mail("hostile-subject-lines").subject == "Re: x Bcc: all@x.example <script>"


@pytest.mark.parametrize("marker", MARKERS.values())
def test_all_below_our_line_is_cut(marker):
    assert answer_in(f"Yes.\n\n> {marker}\n> Old words") == "Yes."
    assert answer_in(f"Yes.\n{marker.strip('— ')}\nOld words") == "Yes."
    assert answer_in(f"{marker}\nOld words") == ""


def test_small_pictures_of_signatures_are_no_files():
    raw = (
        b"From: dana@karmiel.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
        b'--b\nContent-Type: text/html\n\n<p>Hello</p><img src="cid:logo@x">\n'
        b"--b\nContent-Type: image/png; name=logo.png\nContent-ID: <logo@x>\n\nPNG\n"
        b"--b\nContent-Type: image/png; name=plan.png\nContent-ID: <plan@x>\n\nPNG\n--b--\n"
    )
    assert [file.name for file in parse(raw).files] == ["plan.png"]


# Our mail server's word ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "is_vouched"),
    [
        ("", False),
        ("mx.example; dmarc=pass header.from=karmiel.example", True),
        (
            "mx.example; spf=pass smtp.mailfrom=x@karmiel.example; dmarc=fail header.from=karmiel.example",
            False,
        ),
        ("mx.example; dmarc=pass header.from=attacker.example", False),
        ("mx.example; dkim=pass header.d=karmiel.example", True),
        ("mx.example; dkim=pass header.i=@karmiel.example", True),
        ("mx.example; spf=pass smtp.mailfrom=dana@karmiel.example", True),
        ("mx.example; dkim=pass header.d=attacker.example; spf=pass smtp.mailfrom=a@attacker.example", False),
        ("mx.example; dkim=pass header.d=notkarmiel.example", False),
        ("other.example; dmarc=pass", False),
        ("mx.example.attacker.example; dmarc=pass", False),
        ("mx.example; dmarc=fail\nAuthentication-Results: mx.example; dmarc=pass", False),
    ],
)
def test_only_our_own_mail_server_is_believed(settings, said, is_vouched):
    settings.INBOUND_AUTHSERV = "mx.example"
    headers = f"Authentication-Results: {said}\n" if said else ""
    raw = f"{headers}From: Dana <dana@karmiel.example>\nSubject: x\n\nHello\n".encode()
    assert parse(raw).vouched is is_vouched


def test_nobody_is_asked_without_the_setting(settings):
    settings.INBOUND_AUTHSERV = ""
    assert parse(b"From: dana@karmiel.example\n\nHello\n").vouched is None


# Harm ------------------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    )
    return b"From: dana@karmiel.example\n" + opened + b"\ntext\n"


HARM = {
    "nested without end": nested(3_000),
    "nested a little": nested(25),
    "mails in mails": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 2_000 + b"x",
    "headers by the million": b"a: b\n" * 1_000_000,
    "headers of a part by the million": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    + b"a: b\n" * 500_000,
    "one long header": b"From: " + b"<" * 2_000_000,
    "one long line": b"From: a@b.example\n\n" + b"x" * 5_000_000,
    "empty lines": b"From: a@b.example\n\n" + b"\n" * 5_000_000,
    "carriage returns": b"From: a@b.example\n\n" + b"\r" * 5_000_000,
    "parts by the thousand": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 100_000,
    "quotes": b"From: a@b.example\n\n" + b"> > > > 2026 10:10 wrote:\n" * 100_000,
    "attributions": b"From: a@b.example\n\n" + b"On 2026 10:10 a@b.example wrote\n" * 100_000,
    "tags": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<a" * 1_000_000,
    "comments": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<!--" * 500_000,
    "nested tags": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div><blockquote>" * 100_000,
    "entities": b"From: a@b.example\nContent-Type: text/html\n\n" + b"&" * 1_000_000,
    "attributes": b"From: a@b.example\nContent-Type: text/html\n\n<a " + b"class=" * 300_000 + b">",
    "encoded words": b"From: a@b.example\nSubject: " + b"=?utf-8?Q?=41?=" * 10_000 + b"\n\nx",
    "parameters": b"From: a@b.example\nContent-Type: text/plain; " + b"name*0=x; " * 20_000 + b"\n\nx",
    "parameters of a part": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
    + b"name*0=x; " * 900_000
    + b"\n\nx",
    "folded parameters": b"From: a@b.example\n\nContent-Type: text/plain;" + b"\n x=y;" * 10_000,
    "many parameters": b"From: a@b.example\n\n" + b"Content-Type: x\n" * 500_000,
    "one long address": b"From: " + b"a" * 200_000 + b"\n\nx",
    "one long remark": b"From: (" + b"\\(" * 100_000 + b"(\n\nx",
    "addresses": b"From: " + b"a@b.example, " * 15_000 + b"\n\nx",
    "nothing": b"",
    "zeros": b"\0" * 100_000,
}


@pytest.mark.parametrize("name", HARM)
def test_harm_is_read_or_refused_with_little_work(name):
    begun = worked()
    with contextlib.suppress(Unreadable):
        parse(HARM[name])
    assert worked() - begun < 4


def test_too_large_is_refused():
    with pytest.raises(Unreadable, match="too large"):
        parse(b"x" * (30 * 1024 * 1024 + 1))


def test_whatever_comes_is_read_or_refused():
    """Mails of the corpus cut, mixed and with bytes exchanged: the reader has one way to fail."""
    chance = random.Random(5)
    raws = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]
    for _turn in range(400):
        raw = bytearray(chance.choice(raws))
        for _change in range(chance.randint(1, 30)):
            place = chance.randrange(len(raw))
            if chance.random() < 0.5:
                raw[place] = chance.choice(b"\0\n\r\t \"'<>;:=?@-\\&%\x80\xff\xe0()[]{}aB0")
            elif chance.random() < 0.5:
                del raw[place : place + chance.randint(1, 60)]
            else:
                other = chance.choice(raws)
                start = chance.randrange(len(other))
                raw[place:place] = other[start : start + chance.randint(1, 200)]
        try:
            found = parse(bytes(raw))
        except Unreadable:
            continue
        found.text.encode()
        found.subject.encode()
        assert "\0" not in found.text + found.subject + found.sender
        assert "\n" not in found.subject + found.sender


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "rot13", "zip", "utf-7", "nonsense", ""]
)
def test_odd_charsets_are_guessed(charset):
    assert decode("שלום".encode("cp1255"), charset) == "שלום"
    assert decode("مرحبا".encode("cp1256"), charset) == "مرحبا"
    assert decode("שלום".encode(), charset) == "שלום"


def test_header_of_broken_words_is_kept_as_it_is():
    assert header("=?utf-8?B?!!!?=") is not None
    assert header("=?utf-8?Q?=D7=A9?=") == "ש"


def test_html_reads_as_browsers_show_it():
    page = "<div>one</div><div><br></div><div>two<br></div><p>three</p><p>four</p><ul><li>five</li></ul><a href='https://x.example/'>here</a>"
    assert text_of_html(page) == "one\n\ntwo\n\nthree\n\nfour\n• five\nhere (https://x.example/)"
