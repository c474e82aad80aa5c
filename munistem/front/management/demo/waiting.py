"""What waits in the demo's communities: a text for its facilitator, a proposed community, people invited by mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from communities.enums import Access, Moderation, TopicKind
from communities.models import Community, CommunityInvitation, CommunityProposal, HeldPost, Topic
from communities.models.invitation import HOLDS
from members.models import User
from munistem.commons.audit.actions import key
from munistem.commons.days.quiet import is_quiet
from munistem.commons.notices.models import Event, Notice, Rhythm
from munistem.commons.terms.models import Term
from munistem.front.management.demo.people import MARK, Cast
from munistem.front.management.demo.pouring import Calendar, pour, uuid_of

HELD_IN = "integrators"
HELD_TITLE = "מי כבר חיבר את נתוני הרווחה לתמונת העל? (הדגמה)"
HELD_BODY = (
    "<p>זו הפעם הראשונה שאני כותב כאן. אנחנו בונים תמונת על לכל שבעת השלבים, ומתלבטים אם לצרף גם נתונים של אגף הרווחה.</p>"
    "<p>אשמח לשמוע מרשות שעשתה את זה: מה ביקש היועץ המשפטי, וכמה זמן זה לקח.</p>"
)
PROPOSAL = {
    "name": "קיץ של מדע: מחנות ופעילות חופשה (הדגמה)",
    "purpose": "להכין יחד את הקיץ: תוכניות שעבדו, ספקים, תקציב ובטיחות, עוד לפני פסח.",
    "audience": "רכזות ורכזים שמובילים פעילות קיץ ברשויות, ומנהלות ומנהלים של מרכזי מצוינות.",
}
#: name, address, days ago, whether reminded.
INVITED = [
    (f"אורנה שלו ({MARK['he']})", "orna-demo@example.org", 3, False),
    (f"סאמי חליל ({MARK['he']})", "sami-demo@example.org", 12, True),
]
LINE = "נפגשנו בכנס. אשמח שתצטרפו אלינו, שאלות כמו שלכם עולות כאן כל שבוע."


def write_waiting(communities: Sequence[Community], cast: Cast, calendar: Calendar, rng: Random) -> None:
    by_slug = {row.slug: row for row in communities}
    propose(cast, calendar, rng)
    invite(by_slug["stem-managers"], cast.accounts["facilitator"], calendar, rng)
    hold(by_slug[HELD_IN], cast, calendar, rng)


def propose(cast: Cast, calendar: Calendar, rng: Random) -> None:
    """The manager would like to open a community; the admin is told of it."""
    manager, admin = cast.accounts["manager"], cast.accounts["admin"]
    proposal = CommunityProposal.objects.create(
        **PROPOSAL,
        access=Access.OPEN,
        language="he",
        proposed_by=manager,
        proposed_at=calendar.working_hour(3),
        nonce=uuid_of(rng),
    )
    proposal.facilitators.add(manager)
    proposal.subjects.add(*Term.objects.curated().order_by("pk")[:2])
    data = {"title": proposal.name}
    tell("community_proposed", key(proposal), data, manager, admin, proposal.proposed_at)


def invite(community: Community, leader: User, calendar: Calendar, rng: Random) -> None:
    """Two people outside the network whose letters are with them; one was reminded."""
    for name, address, days, is_reminded in INVITED:
        at = weekday(calendar, days)
        CommunityInvitation.objects.create(
            key=uuid_of(rng),
            community=community,
            email=address,
            name=name,
            text=LINE,
            invited_at=at,
            invited_by=leader,
            mailed_at=at,
            reminded_at=weekday(calendar, days - 7) if is_reminded else None,
            expires_at=at + HOLDS,
        )


def weekday(calendar: Calendar, days: int) -> datetime:
    """A working hour about so many days ago on which letters go out."""
    moment = calendar.working_hour(days)
    while is_quiet(moment):
        moment -= timedelta(days=1)
    return moment


def hold(community: Community, cast: Cast, calendar: Calendar, rng: Random) -> None:
    """A first topic of a newcomer, in a community whose newcomers wait."""
    Community.objects.filter(pk=community.pk).update(moderation=Moderation.NEWCOMERS)
    known = {*cast.accounts.values(), *(topic.author for topic in Topic.objects.filter(community=community))}
    members = sorted(community.demo_members, key=lambda person: person.email)  # type: ignore[attr-defined]
    author = next((person for person in members if person not in known and person.language == "he"), None)
    if author is None:
        return
    at = calendar.working_hour(1)
    held = HeldPost.objects.create(
        community=community,
        kind=TopicKind.QUESTION,
        title=HELD_TITLE,
        body=HELD_BODY,
        author=author,
        nonce=uuid_of(rng),
        created_at=at,
        changed_at=at,
    )
    data = {"title": held.title, "community": community.name, "slug": community.slug}
    tell("post_held", key(held), data, author, cast.accounts["facilitator"], at)


def tell(kind: str, subject: str, data: dict, actor: User, reader: User, at: datetime) -> None:
    event = Event(kind=kind, subject=subject, actor=actor, data=data, happened_at=at)
    pour([event])
    pour([Notice(event=event, reader=reader, reason="decider", rhythm=Rhythm.BELL)])
