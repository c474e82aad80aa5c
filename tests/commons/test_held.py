"""Letters that would have left on Shabbat or a holiday: they wait, leave together, once, and never in a burst."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from communities.actions import post as post_deeds
from communities.actions import topic as deeds
from munistem.commons.audit.actions import key
from munistem.commons.mail.actions import record_bounce
from munistem.commons.mail.models import MailState, OutgoingMail
from munistem.commons.notices.choices import choose_scope, mute
from munistem.commons.notices.digests import mail_digests
from munistem.commons.notices.held import mail_bundles, mail_held
from munistem.commons.notices.letters import mail_notices
from munistem.commons.notices.models import Event, Notice, Rhythm
from munistem.commons.notices.outcome import outcome
from tests.commons.test_digests import at, happen, text_of
from tests.communities.factories import make_community, make_facilitator, make_membership, make_topic
from tests.members.factories import make_user

pytestmark = pytest.mark.django_db
FRIDAY, EVENING = at(2026, 11, 27, 16), at(2026, 11, 28, 20, 50)


@pytest.fixture(autouse=True)
def _rests(settings):
    settings.MAIL_RESTS = True


@pytest.fixture
def reader():
    return make_membership(make_community(name="Robots")).person


def answered(reader, name, *, when=FRIDAY, title="Kits", **fields):
    """Somebody answered the reader in a community of this name."""
    membership = reader.memberships.filter(community__name=name).first()
    community = (membership or make_membership(make_community(name=name), reader)).community
    topic = make_topic(community, author=reader, title=title)
    return happen(topic, [reader], when=when, kind="replied", reason="author", **fields)


def test_several_leave_as_one_letter_by_community(reader):
    answered(reader, "Robots", title="Kits")
    answered(reader, "Robots", title="Money", when=FRIDAY + timedelta(hours=1))
    answered(reader, "Labs", title="Rooms", when=FRIDAY + timedelta(hours=2))
    assert mail_held(now=at(2026, 11, 28, 12)) == 0
    assert mail_held(now=EVENING) == 3
    assert mail_bundles([reader.pk], now=EVENING) == 1
    [letter] = mail.outbox
    text = text_of(letter)
    assert letter.subject == "What came while mails rested"
    assert (
        text.index("Labs")
        < text.index("Rooms")
        < text.index("Robots")
        < text.index("Money")
        < text.index("Kits")
    )
    assert "Shabbat" in text
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail_held(now=EVENING + timedelta(minutes=10)) == 0
    assert mail_bundles([reader.pk], now=EVENING) == 0
    assert mail_notices(list(Notice.objects.values_list("pk", flat=True)), now=EVENING) == 0
    assert len(mail.outbox) == 1


def test_outcome_knows_what_became_of_the_letter_that_told_several(reader, settings):
    settings.EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
    told = [answered(reader, name, title=name) for name in ("Robots", "Labs")]
    assert mail_bundles([reader.pk], now=EVENING) == 1
    subjects = [event.subject for event in Event.objects.order_by("pk")]
    assert len(subjects) == len(told)
    assert [outcome("replied", subject)["on_the_way"] for subject in subjects] == [1, 1]
    OutgoingMail.objects.update(state=MailState.REFUSED)
    assert [outcome("replied", subject)["bounced"] for subject in subjects] == [1, 1]


def test_many_answers_in_one_topic_are_one_line(reader):
    topic = make_topic(reader.memberships.get().community, author=reader, title="Kits")
    for minute in range(3):
        happen(topic, [reader], when=FRIDAY + timedelta(minutes=minute), kind="replied", reason="author")
    assert mail_bundles([reader.pk], now=EVENING) == 1
    assert text_of(mail.outbox[0]).count("3 new answers in") == 1


def test_single_piece_of_news_is_its_own_letter(reader):
    answered(reader, "Robots")
    assert mail_held(now=EVENING) == 1
    assert mail_bundles([reader.pk], now=EVENING) == 1
    assert "Kits" in mail.outbox[0].subject
    assert mail_bundles([reader.pk], now=EVENING) == 0


def test_decisions_and_meetings_keep_their_own_letters(reader):
    community = reader.memberships.get().community
    for title in ("Kits", "Money"):
        answered(reader, "Robots", title=title)
    topic = make_topic(community, author=reader, title="Off the subject")
    post_deeds.hide(by=make_facilitator(community), post=topic.posts.get(), reason="Personal details")
    Event.objects.filter(kind="post_hidden").update(happened_at=FRIDAY)
    assert mail_held(now=EVENING) == 3
    assert mail_bundles([reader.pk], now=EVENING) == 1
    hidden = Notice.objects.get(event__kind="post_hidden")
    assert mail_notices([hidden.pk], now=EVENING) == 1
    assert [one.subject[:14] for one in mail.outbox] == ["What came whil", "What you wrote"]


def test_what_was_read_muted_or_may_not_be_seen_stays_out(reader):
    for title in ("Kits", "Money", "Muted"):
        answered(reader, "Robots", title=title)
    read = answered(reader, "Robots", title="Read meanwhile")
    Notice.objects.filter(event=read).update(read_at=timezone.now())
    mute(by=reader, thread=Event.objects.get(data__title="Muted").thread)
    answered(reader, "Closed circle")
    reader.memberships.filter(community__name="Closed circle").delete()
    assert mail_bundles([reader.pk], now=EVENING) == 1
    text = text_of(mail.outbox[0])
    assert "Kits" in text
    assert "Money" in text
    assert "Muted" not in text
    assert "Read meanwhile" not in text
    assert "Closed circle" not in text


def test_person_who_left_or_whose_mails_come_back_gets_none(reader):
    other = make_user()
    for person in (reader, other):
        make_membership(make_community(name="Labs"), person)
        for title in ("Kits", "Money"):
            answered(person, "Labs", title=title)
    record_bounce(reader.email, "hard")
    other.is_active = False
    other.save()
    assert mail_bundles([reader.pk, other.pk], now=EVENING) == 0
    assert not mail.outbox


@pytest.mark.parametrize(
    ("happened", "last_quiet", "leaves"),
    [
        # an ordinary Shabbat
        ((2026, 11, 27, 15, 40), (2026, 11, 28, 20, 30), (2026, 11, 28, 20, 50)),
        # the clocks change between the beginning of the rest and its end, and in the night after it
        ((2026, 3, 27, 16), (2026, 3, 28, 20, 40), (2026, 3, 28, 20, 50)),
        ((2026, 10, 23, 18), (2026, 10, 24, 20, 40), (2026, 10, 24, 20, 50)),
        # Rosh Hashanah 5787 is a Shabbat and a Sunday; 5785 a Thursday and a Friday, with Shabbat behind
        ((2026, 9, 11, 16), (2026, 9, 13, 20, 30), (2026, 9, 13, 20, 50)),
        ((2024, 10, 2, 16), (2024, 10, 5, 20, 30), (2024, 10, 5, 20, 50)),
        # Yom Kippur, and the seventh day of Passover
        ((2026, 9, 20, 16), (2026, 9, 21, 20, 30), (2026, 9, 21, 20, 50)),
        ((2026, 4, 7, 16), (2026, 4, 8, 20, 30), (2026, 4, 8, 20, 50)),
        # a worker that slept two days after the rest
        ((2026, 11, 27, 15, 40), (2026, 11, 28, 18), (2026, 11, 30, 21)),
    ],
)
def test_held_letters_leave_when_the_rest_ends(reader, happened, last_quiet, leaves):
    for title in ("Kits", "Money"):
        answered(reader, "Robots", title=title, when=at(*happened))
    for quiet in (at(*happened) + timedelta(minutes=15), at(*last_quiet)):
        assert mail_held(now=quiet) == 0
        assert mail_bundles([reader.pk], now=quiet) == 0
    assert mail_held(now=at(*leaves)) == 2
    assert mail_bundles([reader.pk], now=at(*leaves)) == 1
    assert mail_held(now=at(*leaves) + timedelta(minutes=10)) == 0
    assert len(mail.outbox) == 1


def test_what_waited_longer_than_a_week_is_dropped_not_mailed_in_a_burst(reader):
    for day in range(20):
        answered(reader, "Robots", title=f"Day {day:02}", when=at(2026, 11, 5, 10) + timedelta(days=day))
    assert mail_held(now=at(2026, 11, 25, 10)) == 7
    assert mail_bundles([reader.pk], now=at(2026, 11, 25, 10)) == 1
    text = text_of(mail.outbox[0])
    assert "Day 19" in text
    assert "Day 12" not in text
    assert Notice.objects.visible_to(reader).unread().count() == 20  # all stand in the portal


def test_whatever_is_done_reaches_who_reads_at_once_and_who_has_it_gathered(run_jobs, settings):
    """Through the deeds themselves and to the letters: one reader at once, one daily, one weekly."""
    settings.MAIL_RESTS = False
    community = make_community()
    author = make_membership(community).person
    readers = {}
    for rhythm in (Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY):
        readers[rhythm] = make_membership(community).person
        choose_scope(by=readers[rhythm], rhythms={key(community): rhythm})
    for title in ("Kits", "Money"):
        topic = deeds.open_topic(
            by=author, community=community, kind="question", title=title, body="<p>Which?</p>"
        )
        for person in readers.values():
            deeds.choose_for_topic(by=person, topic=topic, wish="follow")
        run_jobs()
        deeds.reply(by=author, topic=topic, body="<p>These.</p>")
        run_jobs()
    for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY):
        assert mail_digests(rhythm, now=timezone.now() + timedelta(days=9)) == 1
    told = {
        rhythm: set(
            Notice.objects.filter(reader=person, mailed_at__isnull=False).values_list("event", flat=True)
        )
        for rhythm, person in readers.items()
    }
    assert told[Rhythm.AT_ONCE] == told[Rhythm.DAILY] == told[Rhythm.WEEKLY]
    assert told[Rhythm.AT_ONCE] == set(Event.objects.values_list("pk", flat=True))
    assert len(told[Rhythm.AT_ONCE]) == 4
    letters = {
        rhythm: [one for one in mail.outbox if one.to == [readers[rhythm].email]] for rhythm in readers
    }
    assert {rhythm: len(some) for rhythm, some in letters.items()} == {"at_once": 4, "daily": 1, "weekly": 1}
    for some in letters.values():
        text = "".join(map(text_of, some))
        assert "Kits" in text
        assert "Money" in text
