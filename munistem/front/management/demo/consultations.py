"""Two peer consultations of the STEM managers: one that waits for advice, one that ended as a case study in the library."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from communities.actions.consultation import case_body
from communities.actions.stages import months_later
from communities.emails import headings_of_case
from communities.enums import Part, Stage, TopicKind
from communities.models import (
    Community,
    Consultation,
    Contribution,
    Helpful,
    PeerRequest,
    Post,
    Topic,
    TopicRead,
)
from communities.models.consultation import REST
from knowledge.enums import Answer, ItemKind, RevisionState
from knowledge.models import Consent, Item, Offer, Revision
from knowledge.models.item import REACH
from members.models import User
from munistem.commons.days.quiet import is_quiet
from munistem.commons.enums import LifeStage, Visibility
from munistem.commons.search.actions import index
from munistem.front.management.demo.people import Cast
from munistem.front.management.demo.pouring import Calendar

#: part, who (asker, or the number of a colleague), text, number of the post it answers.
OPEN = {
    "question": "איך משאירים בנות במגמת פיזיקה כשהמורה עוזבת? (הדגמה)",
    "context": "בתיכון אחד ביישוב נפתחה לפני שלוש שנים מגמת פיזיקה, ושליש ממנה בנות. המורה המובילה יוצאת לשנת שבתון, ושתי תלמידות כבר ביקשו לעבור.",
    "tried": "פנינו למחוז ולשני מורים בגמלאות. מורה מקוון הוצע לנו, וההורים חוששים.",
    "would_help": "דוגמה ליישוב שעבר שנה כזו בלי לאבד את התלמידות, ומה עשיתם בשבועות הראשונים.",
    "posts": [
        (Part.QUESTION, 0, "כמה תלמידות בכל שכבה, והאם יש מורה נוספת לפיזיקה בחטיבה?", None),
        (Part.QUESTION, "asker", "תשע בשכבה י׳ ושבע בשכבה י״א. בחטיבה מלמדת מורה צעירה, בלי ניסיון בחמש יחידות.", 2),
        (Part.ADVICE, 1, "אצלנו המורה מהחטיבה נכנסה לכיתה יחד עם מורה מקוון: היא ליוותה, והוא לימד. אחרי חצי שנה היא כבר לימדה לבד.", None),
    ],
}  # fmt: skip
FINISHED = {
    "question": "שתי מעבדות עומדות ריקות אחר הצהריים: איך ממלאים אותן? (הדגמה)",
    "context": "בשני בתי ספר בעיר יש מעבדות חדשות שפועלות רק בבוקר. בשעות אחר הצהריים הן נעולות, ובמתנ״ס יש רשימת המתנה לחוגי רובוטיקה.",
    "tried": "הצענו למתנ״ס להיכנס, אבל לא נמצא מי שאחראי על הציוד ועל הביטוח.",
    "would_help": "הסכם לדוגמה, ומי אצלכם מחזיק במפתח.",
    "posts": [
        (Part.QUESTION, 0, "של מי הציוד: של העירייה או של רשת החינוך?", None),
        (Part.QUESTION, "asker", "של העירייה, חוץ ממדפסת אחת שנתרמה.", 2),
        (Part.ADVICE, 0, "חתמנו על הסכם של עמוד אחד: המתנ״ס מחזיק רכז בכל שעות הפעילות, והעירייה מבטחת. שנה ראשונה בלי תקלות.", None),
        (Part.ADVICE, 1, "תתחילו ממעבדה אחת ומשני ערבים בשבוע. כשההורים רואים שזה עובד, מנהלי בתי הספר מבקשים להצטרף.", None),
        (Part.TAKEAWAY, "asker", "לוקחת שני דברים: הסכם של עמוד אחד, ומעבדה אחת בלבד עד סוף השנה. נפתח יומיים בשבוע עם רכז של המתנ״ס.", None),
        (Part.OUTCOME, "asker", "פתחנו ביום שני וביום רביעי. ארבעים ושמונה ילדות וילדים, חצי מהם בנות, ומנהל בית הספר השני ביקש להצטרף אחרי חודשיים.", None),
    ],
    "summary": "מעבדות בית ספר נפתחו אחר הצהריים לחוגי המתנ״ס בעזרת הסכם קצר ורכז אחד. התחילו ממעבדה אחת, ובית הספר השני ביקש להצטרף בעצמו.",
}  # fmt: skip
LINE = "ראיתי שאצלכם בנות מתמידות בפיזיקה. אשמח לכמה שורות."
MANAGER = "manager"


def consult(communities: Sequence[Community], cast: Cast, calendar: Calendar, rng: Random) -> None:
    """Write both into the community of the STEM managers; the manager of the demo is asked in the one, asked the other."""
    community = next(row for row in communities if row.slug == "stem-managers")
    known = list(cast.accounts.values())
    members = sorted(community.demo_members, key=lambda person: person.email)  # type: ignore[attr-defined]
    colleagues = [person for person in members if person not in known and person.language == "he"]
    if len(colleagues) < 3:
        return
    first, second, third = rng.sample(colleagues, 3)
    manager = cast.accounts[MANAGER]
    opened = begin(community, OPEN, third, [first, second], calendar.ago(7.6), Stage.ADVICE)
    ask(opened, manager, calendar.ago(4.5))
    told_at = calendar.ago(96.6)
    finished = begin(community, FINISHED, manager, [first, second], told_at, Stage.DONE)
    publish(finished, cast, calendar.ago(18.4))
    Community.objects.filter(pk=community.pk).update(topic_count=community.topics.shown().count())


def begin(
    community: Community, words: dict[str, Any], asker: User, peers: list[User], at: datetime, stage: Stage
) -> Consultation:
    """A consultation with its posts, half a day between them; what is tried takes its two months."""
    case = {name: words[name] for name, _heading in headings_of_case()}
    topic = Topic.objects.create(
        community=community,
        kind=TopicKind.CONSULTATION,
        title=words["question"],
        language="he",
        author=asker,
        created_at=at,
        last_post_at=at,
        last_post_by=asker,
    )
    Post.objects.create(topic=topic, number=1, author=asker, body=case_body(case, "he"), created_at=at)
    taken_on = None
    for number, (part, who, text, answers) in enumerate(words["posts"], 2):
        at += timedelta(days=64 if part == Part.OUTCOME else 0, hours=9 + 5 * (number % 3))
        at = by_day(at)
        taken_on = timezone.localdate(at) if part == Part.TAKEAWAY else taken_on
        author = asker if who == "asker" else peers[who]
        post = Post.objects.create(
            topic=topic, number=number, author=author, body=f"<p>{text}</p>", created_at=at
        )
        answered = Post.objects.get(topic=topic, number=answers) if answers else None
        Contribution.objects.create(post=post, part=part, answers=answered)
        topic.post_count, topic.last_post_at, topic.last_post_by = number, at, author
        if part == Part.ADVICE and stage == Stage.DONE:
            Helpful.objects.create(post=post, person=asker)
            Post.objects.filter(pk=post.pk).update(helpful_count=1)
    topic.save()
    index(topic)
    TopicRead.objects.create(topic=topic, person=asker, number=topic.post_count)
    return Consultation.objects.create(
        topic=topic,
        **case,
        stage=stage,
        moved_at=topic.last_post_at,
        outcome_due_on=months_later(taken_on, 2) if taken_on else None,
        outcome_asked_at=topic.last_post_at if taken_on else None,
    )


def by_day(moment: datetime) -> datetime:
    """The moment itself if people write at that hour; else the next morning, after a day of rest the one behind it."""
    local = timezone.localtime(moment)
    if not 8 <= local.hour < 21:
        local = (local + timedelta(days=local.hour >= 21)).replace(hour=8)
    while is_quiet(local):
        local = (local + timedelta(days=1)).replace(hour=9)
    return local.astimezone(UTC)


def ask(consultation: Consultation, person: User, at: datetime) -> None:
    """The manager is asked personally, so that My day shows it."""
    PeerRequest.objects.create(
        consultation=consultation,
        person=person,
        asked_by=consultation.topic.author,
        asked_at=at,
        rests_until=at + REST,
        line=LINE,
        reasons=["role"],
    )


def publish(consultation: Consultation, cast: Cast, at: datetime) -> None:
    """The case study of a finished consultation, with the words of those who advised, as they agreed."""
    topic, keeper = consultation.topic, cast.accounts["knowledge"]
    town = cast.organisation_of(topic.author)
    own = Post.objects.filter(topic=topic, contribution__part__in=[Part.TAKEAWAY, Part.OUTCOME]).in_order()
    sections = zip(("מה לקחנו מהעצות", "מה יצא מזה"), own, strict=True)
    opening = Post.objects.get(topic=topic, number=1).body
    body = opening + "".join(f"<h2>{heading}</h2>{post.body}" for heading, post in sections)
    shared = {"visibility": Visibility.NETWORK, "community": topic.community, "created_by": topic.author}
    item = Item.objects.create(slug="מעבדות-פתוחות-אחר-הצהריים-הדגמה", organisation=town, **shared)
    revision = Revision.objects.create(
        item=item,
        number=1,
        state=RevisionState.PUBLISHED,
        title="מעבדות פתוחות אחר הצהריים (הדגמה)",
        summary=FINISHED["summary"],
        body=body,
        kind=ItemKind.CASE_STUDY,
        language="he",
        life_stages=[LifeStage.PRIMARY, LifeStage.LOWER_SECONDARY],
        authority=town.authority if town else None,
        changed_at=at,
        submitted_at=at,
        decided_at=at,
        decided_by=keeper,
        **shared,
    )
    item.published, item.published_at = revision, at
    item.save()
    agree(Offer.objects.create(topic=topic, item=item, made_by=topic.author, made_at=at), cast, at)
    index(item)


def agree(offer: Offer, cast: Cast, at: datetime) -> None:
    advice = Post.objects.filter(topic=offer.topic_id, contribution__part=Part.ADVICE).in_order()
    for position, post in enumerate(advice.select_related("author")):
        town = cast.organisation_of(next(one for one in cast.people if one.pk == post.author_id))
        Consent.objects.create(
            offer=offer,
            person=post.author,
            post=post,
            quote=post.body.removeprefix("<p>").removesuffix("</p>"),
            role=post.author.role_title,
            place=town.name_he if town else "",
            position=position,
            answer=Answer.GIVEN,
            reach=REACH[Visibility.NETWORK],
            asked_at=at,
            answered_at=at,
        )
