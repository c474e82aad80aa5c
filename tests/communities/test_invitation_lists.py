"""Lists of people to invite: read in whatever shape they come, looked at before anything is sent."""

import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from communities.actions.invitation import look_up
from communities.enums import Finding, InvitationState, MembershipState
from communities.forms.invitation import MOST_LINES, InviteListForm, decoded, read_list
from communities.models import CommunityInvitation
from munistem.commons.mail.models import Bounce
from tests.communities.factories import (
    make_community_invitation,
    make_member,
    make_membership,
    make_user,
)
from tests.communities.test_invitations import lines, page
from tests.members.factories import make_municipality

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_pages")]


# Reading a list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("dana@city.example", [("dana@city.example", "")]),
        ("  Dana Levi <DANA@City.example>,\r\n\r\n", [("dana@city.example", "Dana Levi")]),
        ("דנה לוי <dana@city.example>", [("dana@city.example", "דנה לוי")]),
        (
            "\u200fדנה לוי\u200f\tdana@city.example\nמונא\tmona@city.example",
            [("dana@city.example", "דנה לוי"), ("mona@city.example", "מונא")],
        ),
        (
            "Levi, Dana <dana@city.example>; Cohen, Avi <avi@city.example>;",
            [("dana@city.example", "Levi, Dana"), ("avi@city.example", "Cohen, Avi")],
        ),
        ("a@x.example, b@x.example", [("a@x.example", ""), ("b@x.example", "")]),
        ("dana@city.example – Dana Levi", [("dana@city.example", "Dana Levi")]),
        ("mailto:dana@city.example", [("dana@city.example", "")]),
        ('שם\tדוא"ל\tתפקיד\nדנה\tdana@city.example\tמנהלת', [("dana@city.example", "דנה")]),
        (
            'שם פרטי,שם משפחה,דואר אלקטרוני\nדנה,לוי,dana@city.example\n"אבי","בן, דוד",avi@city.example',
            [("dana@city.example", "דנה לוי"), ("avi@city.example", "אבי בן, דוד")],
        ),
        ("الاسم;البريد الإلكتروني\nمنى;mona@city.example", [("mona@city.example", "منى")]),
        (
            "Organisation name,Full name,E-mail address\nCity,Dana,dana@city.example",
            [("dana@city.example", "Dana")],
        ),
        ("nobody here", [("", "")]),
        ("", []),
    ],
)
def test_list_is_read_in_whatever_shape_it_has(text, people):
    assert [(line.email, line.name) for line in read_list(text)] == people


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1255"])
def test_hebrew_file_is_read_as_spreadsheets_save_it(encoding):
    assert (
        decoded("שם,מייל\nדנה לוי,dana@city.example".encode(encoding)) == "שם,מייל\nדנה לוי,dana@city.example"
    )


def test_arabic_file_of_old_is_told_from_a_hebrew_one():
    text = "الاسم,البريد\nمنى خطيب,mona@city.example"
    assert decoded(text.encode("cp1256")) == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 a spreadsheet", "not a text file"),
        (b"\x00\x01\x02", "not a text file"),
        (b"a@x.example\n" * 100_000, "too large"),
        (b"\n".join(b"a%d@x.example" % number for number in range(MOST_LINES + 1)), "at most 300"),
        (b"", "empty"),
    ],
)
def test_file_that_is_no_list_is_refused_with_words(community, content, message):
    files = {"file": SimpleUploadedFile("list.csv", content)}
    form = InviteListForm({"language": "he"}, files, community=community)
    with translation.override("en"):
        assert not form.is_valid()
        assert message in str(form.errors)


# Looking at it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a" * 1_000_000, "\t" + "a" * 1_000_000, "@" * 1_000_000, "a\t" * 500_000])
def test_line_without_end_is_read_in_little_time(text):
    started = time.process_time()
    read_list(text)
    assert time.process_time() - started < 3


def test_each_line_is_told_what_it_means(community, leader):
    make_municipality(name_en="Karmiel", email_domain="Karmiel.example")
    known = make_member(email="Known@city.example", name="Known")
    rows = {
        state: make_membership(community, make_member(email=f"{state}@city.example"), state=state).person
        for state in MembershipState
    }
    make_user(email="registered@city.example", name="Secret")
    make_user(email="gone@city.example", is_active=False)
    Bounce.objects.create(address="bounce@city.example")
    make_community_invitation(community, email="waits@city.example")
    over = timezone.now() - timedelta(days=31)
    make_community_invitation(community, email="over@city.example", invited_at=over)
    ended = {"state": InvitationState.DECLINED, "ended_at": timezone.now()}
    make_community_invitation(community, email="no@city.example", **ended)
    make_community_invitation(community, email="back@city.example", **{**ended, "state": "withdrawn"})
    expected = {
        "known@city.example": Finding.PERSON,
        "left@city.example": Finding.PERSON,
        "declined@city.example": Finding.PERSON,
        "active@city.example": Finding.MEMBER,
        "invited@city.example": Finding.INVITED,
        "asked@city.example": Finding.ASKED,
        "removed@city.example": Finding.REMOVED,
        "registered@city.example": Finding.NEWCOMER,
        "gone@city.example": Finding.CLOSED,
        "bounce@city.example": Finding.BOUNCED,
        "waits@city.example": Finding.INVITED,
        "over@city.example": Finding.NEWCOMER,
        "no@city.example": Finding.DECLINED,
        "back@city.example": Finding.NEWCOMER,
        "new@karmiel.example": Finding.NEWCOMER,
        "wrong@": Finding.WRONG,
        "": Finding.WRONG,
    }
    found = look_up(community, lines(*expected, "new@karmiel.example"))
    assert [one.finding for one in found] == [*expected.values(), Finding.DOUBLE]
    by_address = {one.line.email: one for one in found[:-1]}
    assert by_address["known@city.example"].person == known
    assert by_address["registered@city.example"].person is None, "who only has an account is not told apart"
    assert by_address["new@karmiel.example"].organisation.name_en == "Karmiel"
    assert by_address["asked@city.example"].person == rows["asked"]


def test_looking_asks_the_same_queries_for_one_and_for_thirty(community, leader):
    def count(many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            look_up(community, many)
        return len(queries)

    for number in range(30):
        make_member(email=f"p{number}@city.example")
    few = count(lines("p0@city.example"))
    assert count(lines(*(f"p{number}@city.example" for number in range(30)))) == few
    assert few <= 6


def test_dry_run_sends_nothing_and_carries_the_list(client, community, leader, run_jobs):
    make_member(email="known@city.example", name="Known Person")
    text = "Dana <dana@city.example>\nknown@city.example\nno address"
    html = client.post(page(community), {"people": text, "text": "Come!", "language": "ar"}).content.decode()
    assert "2 people will be invited" in html and "Nothing has been sent yet." in html
    assert "Known Person" in html and "no address" in html and "Come!" in html
    run_jobs()
    assert not CommunityInvitation.objects.exists() and not mail.outbox
    changed = client.post(page(community), {"people": text, "language": "ar", "change": "1"}).content.decode()
    assert "Dana &lt;dana@city.example&gt;" in changed and "Look at the list" in changed


def test_empty_list_is_told_and_what_was_typed_stays(client, community, leader):
    html = client.post(page(community), {"people": "", "text": "Come!", "language": "en"}).content.decode()
    assert "Write or paste at least one address." in html and "Come!" in html


def test_a_list_and_a_file_are_one_list(client, community, leader):
    file = SimpleUploadedFile("list.csv", b"name,mail\nAvi,avi@city.example")
    data = {"people": "dana@city.example", "file": file, "language": "en"}
    assert "2 people will be invited" in client.post(page(community), data).content.decode()
