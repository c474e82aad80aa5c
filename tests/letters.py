"""One of each letter that the portal sends, in a language, with long names and mixed texts: to be looked at.

``LETTERS=directory pytest tests/browser/test_letters.py`` leaves pictures of all of them there.
"""

from collections.abc import Iterator
from typing import Any

from django.core.mail import EmailMessage
from django.utils import timezone, translation

from communities.emails.invitation import composed
from communities.models import Community, Meeting, Post, Topic
from members.emails import account as of_account
from members.emails import application as of_application
from members.emails import team as of_team
from members.models import Departure
from munistem.commons.audit.actions import key
from munistem.commons.mail import receiving
from munistem.commons.mail.addresses import Returned
from munistem.commons.mail.incoming import Incoming, parse
from munistem.commons.mail.letters import Letter, compose
from munistem.commons.notices.digests import gathered
from munistem.commons.notices.kinds import KINDS, places_of
from munistem.commons.notices.letters import letter_of
from munistem.commons.notices.models import Event, Notice
from munistem.front.adapters import AccountAdapter
from tests.communities.factories import make_peer_request
from tests.house.world import World
from tests.members.factories import make_device

TEXTS = {
    "he": {
        "title": "איך מממנים מעבדת FabLab ב־3 בתי ספר? (תקציב 2027)",
        "community": "מנהלות ומנהלי STEM ברשויות המקומיות",
        "actor": "ד״ר אביגיל בן־שושן אברמוביץ׳",
        "reader": "נועה לוי",
        "text": "שלום, אצלנו זה עבד כך: 40% מהתקציב מה־Matching של המשרד, והשאר מהרשות (כ־120,000 ₪).\nכתבו ל־stem@muni.example או התקשרו 04-9085678.",
        "item": "תוכנית עבודה שנתית",
        "place": "מרכז המצוינות, רח׳ הנשיא ויצמן 12, כרמיאל",
    },
    "ar": {
        "title": "كيف نموّل مختبر FabLab في 3 مدارس؟ (ميزانية 2027)",
        "community": "مديرو ومديرات STEM في السلطات المحلية",
        "actor": "د. عبير أبو ربيعة خليل الزعبي",
        "reader": "ليلى خوري",
        "text": "مرحبًا، عندنا نجح الأمر هكذا: 40% من الـMatching والباقي من السلطة (نحو 120,000 ₪).\nاكتبوا إلى stem@muni.example أو اتصلوا 04-6459200.",
        "item": "خطة عمل سنوية",
        "place": "مركز التميّز، شارع 6092، الناصرة",
    },
    "en": {
        "title": "How do you pay for a FabLab in 3 schools? (budget 2027)",
        "community": "STEM managers of local authorities",
        "actor": "Dr Abigail Ben-Shushan Abramowitz",
        "reader": "Noa Levi",
        "text": "Hello, it worked like this for us: 40% by matching, the rest from the municipality (some ₪120,000).\nWrite to stem@muni.example or call 04-9085678.",
        "item": "A yearly plan of work",
        "place": "Centre of excellence, 12 HaNasi Weizmann St., Karmiel",
    },
}
OF_TOPIC = {"topic_opened", "replied", "mentioned", "answer_accepted"}
REASONS = [
    "member",
    "author",
    "follower",
    "mentioned",
    "meeting",
    "decider",
    "owner",
    "sender",
    "facilitator",
]


class Shelf:
    """A world in which every letter has something to tell, in the words of one language."""

    def __init__(self, language: str):
        self.language, self.texts = language, TEXTS[language]
        world = self.world = World()
        texts, now = self.texts, timezone.now()
        Community.objects.filter(pk=world.community.pk).update(name=texts["community"])
        Topic.objects.filter(pk=world.topic.pk).update(title=texts["title"])
        Post.objects.filter(pk=world.post.pk).update(body=f"<p>{texts['text']}</p>")
        Meeting.objects.filter(pk=world.meeting.pk).update(
            title=texts["item"],
            place=texts["place"],
            purpose=texts["text"],
            link="https://meet.example/j/8812-9931",
        )
        self.actor, self.reader = world.people["facilitator"], world.people["cmember"]
        for person, name in ((self.actor, texts["actor"]), (self.reader, texts["reader"])):
            person.name, person.language = name, language
            person.save()
        names = {code: TEXTS[code]["place"].split("،")[0].split(",")[0] for code in TEXTS}
        self.data = {
            **{name: texts[name] for name in ("title", "community", "item", "text")},
            "slug": world.community.slug,
            "collection": texts["item"],
            "address": world.collection.slug,
            "followed": {code: TEXTS[code]["item"] for code in TEXTS},
            "post": world.post.pk,
            "topic": world.topic.pk,
            "meeting": world.meeting.pk,
            "consultation": world.comment.consultation_id,
            "waiting": 2,
            "number": 2,
            "share": 1,
            "code": world.organisation.authority_id,
            "town": names,
            "cause": "election",
            "wrong": 2,
            "import": "00000000-0000-4000-8000-000000000000",
            "day": "2027-03-31",
            "task": texts["item"],
            "line": texts["text"].split("\n")[0],
            "reasons": ["role", "size", "cluster", "thanked:3"],
            **dict.fromkeys(("why", "note", "said", "remark", "answer"), texts["text"]),
            "person": texts["reader"],
            "name": texts["place"].split(",")[0],
            "organisation": names,
            "recommendation": {code: TEXTS[code]["title"] for code in TEXTS},
            "asked": [
                {
                    "pk": pk,
                    "organisation": names,
                    "recommendation": {code: TEXTS[code]["title"] for code in TEXTS},
                }
                for pk in (world.endorsement.pk, 0)
            ],
            "starts_at": world.meeting.starts_at.isoformat(),
            "until": now.isoformat(),
        }

    def subject_of(self, code: str) -> Any:
        """The thing that a kind of event is about."""
        world = self.world
        subjects = {
            ("consultation_",): world.comment.consultation,
            ("comment_",): world.comment,
            ("version_adopted",): world.draft_version,
            ("progress_requested", "progress_reminded", "endorsement_stands"): self.reader,
            ("programmes_imported",): world.carried,
            ("endorsement_", "progress_"): world.endorsement,
            ("item_withdrawn", "item_restored"): world.item,
            ("item_",): world.revision,
            ("adaptation_",): world.adaptation,
            ("followed_", "call_"): world.item,
            ("collection_",): world.collection.entries.get(),
            ("asked_to_join", "removed_from", "invited"): world.asked,
            ("admitted", "not_admitted", "made_facilitator"): world.community,
            ("note_written", "greeted"): world.newcomer,
            ("task_",): world.task,
            ("meeting_", "agenda_item_"): world.meeting,
            ("minutes_", "remark_"): world.minutes,
            ("application_",): world.application,
            ("team_without",): world.organisation,
            ("team_requested",): world.team_request,
            ("team_", "mandate_", "made_manager", "left_team"): world.mandate,
        }
        if code == "peer_asked":
            return make_peer_request(world.consultation, self.reader)
        return next((thing for begin, thing in subjects.items() if code.startswith(begin)), world.topic)

    def told(self, code: str, number: int = 0) -> Notice:
        event = Event.objects.create(
            kind=code,
            subject=key(self.subject_of(code)),
            actor=self.actor,
            scope=key(self.world.community)
            if KINDS[code].sentence.__module__.startswith("communities")
            else "",
            thread=key(self.world.topic) if KINDS[code].is_talk else "",
            data=self.data,
        )
        return Notice.objects.create(event=event, reader=self.reader, reason=REASONS[number % len(REASONS)])

    def letters(self) -> Iterator[tuple[str, EmailMessage]]:
        """Name and message of each."""
        places = places_of({key(self.world.community), key(self.world.topic)})
        with translation.override(self.language):
            for number, code in enumerate(KINDS):
                yield code, self.composed(letter_of(self.told(code, number), places))
            yield from self.others()

    def composed(self, letter: Letter) -> EmailMessage:
        return compose(letter, to=self.reader.email, language=self.language)

    def others(self) -> Iterator[tuple[str, EmailMessage]]:
        world, text = self.world, self.texts["text"]
        application = world.application
        application.contact_name, application.name_he = self.texts["reader"], self.data["name"]
        found = {
            "application question": of_application.question(application, text),
            "application approved": of_application.approval(application, text),
            "application refused": of_application.refusal(application, text),
            "application joined": of_application.joining(application, application),
            "application team": of_application.team_opened(application, world.organisation),
            "application taken back": of_application.taking_back(application),
            "team invitation": of_team.letter_of(world.invitation),
            "mail returned": receiving.returned(
                incoming(self), Returned(text.split("\n")[0], "/communities/")
            ),
            "mail of a stranger": receiving.foreign(),
            "mail in your name": receiving.in_your_name(incoming(self)),
            "digest": self.digest(),
        }
        for name, letter in found.items():
            yield name, self.composed(letter)
        world.sent.language, world.sent.name, world.sent.text = self.language, self.texts["reader"], text
        world.sent.community.name, world.sent.invited_by = self.texts["community"], self.actor
        for is_reminder in (False, True):
            yield f"invitation {is_reminder}", composed(world.sent, is_reminder=is_reminder)
        yield from self.of_sign_in()
        for name, letter in self.of_account().items():
            yield name, self.composed(letter)

    def of_account(self) -> dict[str, Letter]:
        reader, now = self.reader, timezone.now()
        departure = Departure(pk=1, person=reader, signature=self.texts["place"], due_at=now)
        device = make_device(reader, browser="firefox", system="android")
        where = of_account.where_and_when(device.browser, device.system, now)
        return {
            "farewell": of_account.farewell(reader, departure),
            "welcome back": of_account.welcome(reader),
            "closing": of_account.closing(reader, now.date()),
            "new device": of_account.new_device(reader, device),
            "password changed": of_account.changed(reader, "password_changed", where),
        }

    def of_sign_in(self) -> Iterator[tuple[str, EmailMessage]]:
        context = {
            "user": self.reader,
            "email": self.reader.email,
            "code": "K7QM-3XPT",
            "key": "key",
            "activate_url": "https://portal.example/accounts/confirm-email/key/",
            "password_reset_url": "https://portal.example/accounts/password/reset/key/",
            "signup_url": "https://portal.example/accounts/signup/",
            "ip": "192.0.2.7",
            "timestamp": timezone.now(),
            "from_email": "old@portal.example",
            "to_email": self.reader.email,
            "deleted_email": "old@portal.example",
        }
        for name in ("login_code", "email_confirmation_signup", "password_reset_key", "password_reset_code"):
            yield name, AccountAdapter().render_mail(f"account/email/{name}", self.reader.email, context)
        for name in ("account_already_exists", "unknown_account"):
            yield name, AccountAdapter().render_mail(f"account/email/{name}", self.reader.email, context)

    def digest(self) -> Letter:
        kinds = ["topic_opened", "replied", "meeting_invited", "item_published"] * 4
        for number, code in enumerate(kinds):
            self.told(code, number)
        mine = Notice.objects.filter(reader=self.reader, event__kind__in=kinds).select_related("event__actor")
        notices = list(mine.with_bundle().latest_first())
        return gathered(
            notices,
            self.reader,
            subject="muni:STEM",
            line=self.texts["title"],
            reason=self.texts["text"],
            key="",
        )


def incoming(shelf: Shelf) -> Incoming:
    raw = EmailMessage(
        shelf.texts["title"], shelf.texts["text"], shelf.reader.email, ["topic@portal.example"]
    )
    return parse(raw.message().as_bytes())
