"""My day: what waits for me, what is new for me, what my municipality has to do. Queries do not grow with what there is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from communities.enums import MeetingState
from communities.models import (
    Community,
    CommunityProposal,
    DateVote,
    HeldPost,
    Invitee,
    Meeting,
    Membership,
    Post,
    Topic,
)
from knowledge.models import Item, Revision, RevisionTerm
from members.enums import OrganisationType
from members.models import Application, Representative, TeamRequest, User
from members.models.person import PersonTerm
from members.models.role import long_vacant
from munistem.commons.audit.models import AuditEvent
from munistem.commons.enums import Language
from munistem.commons.ready import ready, ready_counts
from munistem.commons.text.languages import pick
from munistem.commons.text.names import isolated
from munistem.front.rules import can_decide_for_network, can_review_knowledge
from munistem.front.views.desk import reported_posts
from munistem.front.views.duties import Duty, duties, my_tasks
from policy.models import (
    ConsultationComment,
    Endorsement,
    EndorsementShare,
    Recommendation,
    Reconfirmation,
)
from policy.rules import can_endorse

A_FEW, SOME = 4, 6
NEW_DAYS = 90


@dataclass(frozen=True)
class Task:
    """One thing that waits: a sentence, where to do it, since when."""

    icon: str
    text: str
    url: str
    since: datetime | None = None
    note: str = ""
    badge: str = ""


def my_day(user: Any) -> dict[str, Any]:
    """Context of ``front/myday.html``."""
    items, is_by_topic = new_items(user)
    counts = counts_of(user)
    meetings = my_meetings(user)
    return {
        "tasks": [*map(task_of, duties(user)), *meetings_to_answer(meetings), *decisions(user, counts)],
        "meetings": [meeting for meeting in meetings if meeting.is_planned][:A_FEW],
        "my_tasks": my_tasks(user),
        "topics": new_topics(user),
        "unanswered": unanswered(user),
        "items": items,
        "is_by_topic": is_by_topic,
        "town": town_of(user),
        "town_tasks": town_tasks(user),
        "foundations": foundations_of(user),
        "steps": first_steps(user, counts),
        "has_communities": bool(counts["joined"]),
    }


# What waits for me ---------------------------------------------------------------------------------------


@ready_counts
def counts_of(user: Any) -> dict[str, QuerySet]:
    """How much there is of all that this page only counts; one query."""
    return deeds_of(user) | undecided(user)


def task_of(duty: Duty) -> Task:
    icon, sentence, place = DUTIES[duty.sort]
    name = isolated(duty.title)
    url, told = reverse(place, args=[duty.key]), {"title": name, "community": name}
    if duty.sort == "comments":  # the note is their number
        count = int(duty.note)
        return Task(icon, comments_wait(count) % {**told, "count": count}, url, duty.since)
    return Task(icon, sentence() % told, url, duty.since, duty.note)


def comments_wait(count: int = 1) -> str:
    return ngettext(
        "%(count)d comment on “%(title)s” waits for your answer",
        "%(count)d comments on “%(title)s” wait for your answer",
        count,
    )


#: Sort of duty → icon, sentence, address.
DUTIES = {
    "invited": ("mail-open", lambda: _("You are invited to join %(community)s"), "show_community"),
    "run": ("list-checks", lambda: _("Attendance, notes and minutes of “%(title)s”"), "run_meeting"),
    "remark": ("file-text", lambda: _("The minutes of “%(title)s” wait for your remarks"), "show_minutes"),
    "send": ("send", lambda: _("The draft minutes of “%(title)s” are not sent yet"), "show_minutes"),
    "advise": ("hand-helping", lambda: _("A colleague asks for your advice: %(title)s"), "show_topic"),
    "outcome": ("sprout", lambda: _("What came of it? Tell those who advised you: %(title)s"), "show_topic"),
    "take": ("pencil", lambda: _("Tell what you take from the advice: %(title)s"), "show_topic"),
    "mend": ("undo-2", lambda: _("What you wrote in “%(title)s” came back"), "show_held_post"),
    "consent": ("quote", lambda: _("May we name you in the library? %(title)s"), "answer_consent"),
    "adapted": (
        "map-pin",
        lambda: _("How did it go? Five short questions on “%(title)s”"),
        "report_adaptation",
    ),
    "comments": ("messages-square", comments_wait, "show_consultation"),
    "plan": ("list-checks", lambda: _("In your work plan: %(title)s"), "show_plan"),
    "returned": ("undo-2", lambda: _("“%(title)s” came back with remarks"), "edit_item"),
}


@ready
def my_meetings(user: Any) -> QuerySet:
    """Coming meetings of my communities, soonest first, and votes on dates that lack mine; what I declined left out."""
    voted = DateVote.objects.filter(option__meeting=OuterRef("pk"), person=user)
    silent = Invitee.objects.filter(meeting=OuterRef("pk"), person=user).silent()
    mine = Meeting.objects.visible_to(user).of_my_communities(user).without_those_declined_by(user)
    coming = Q(state=MeetingState.PLANNED, ends_at__gt=timezone.now())
    rows = mine.filter(coming | Q(state=MeetingState.POLL) & ~Exists(voted)).annotate(is_asked=Exists(silent))
    rows = rows.select_related("community").defer("community__search_vector")
    return rows.order_by(F("starts_at").asc(nulls_first=True), "pk")[:SOME]


def meetings_to_answer(meetings: list[Meeting]) -> list[Task]:
    """Those that wait for my answer or my vote."""
    ask, vote = _("Are you coming to “%(title)s”?"), _("Which date suits you for “%(title)s”?")
    return [
        Task(
            "calendar-days",
            (ask if row.is_planned else vote) % {"title": isolated(row.title)},
            f"{row.get_absolute_url()}#{'answer' if row.is_planned else 'dates'}",
            row.invited_at or row.created_at,
        )
        for row in meetings
        if row.is_asked or not row.is_planned  # type: ignore[attr-defined]
    ]


def undecided(user: Any) -> dict[str, QuerySet]:
    """Sort → what waits for this person's decision."""
    managed = Representative.objects.active().managers().filter(person=user)
    sets: dict[str, QuerySet] = {
        "team": TeamRequest.objects.waiting().filter(organisation__in=managed.values("organisation")),
        "joining": Membership.objects.waiting_for(user),
        "held": HeldPost.objects.waiting_for(user),
        "reports": reported_posts(user),
    }
    if can_review_knowledge(user):
        sets["revisions"] = Revision.objects.waiting_for(user)
    if can_decide_for_network(user):
        sets |= {
            "applications": Application.objects.waiting(),
            "proposals": CommunityProposal.objects.waiting(),
            "endorsements": Endorsement.objects.waiting(),
            "comments": ConsultationComment.objects.reported(),
        }
    return sets


def decisions(user: Any, counts: dict[str, int]) -> list[Task]:
    """What others wait for until I decide."""
    desk = reverse("show_desk")
    own = next((m.organisation for m in user.mandates if m.is_manager), None)
    places = {"team": reverse("show_team", args=[own.slug])} if own else {}
    return [
        Task(icon, sentence(number) % {"count": number}, places.get(code, desk))
        for code, icon, sentence in DECISIONS
        if (number := counts.get(code, 0))
    ]


DECISIONS = (
    ("team", "user-round-plus", lambda n: ngettext("%(count)d colleague asks to join your organisation's team", "%(count)d colleagues ask to join your organisation's team", n)),
    ("joining", "users-round", lambda n: ngettext("%(count)d person asks to join a community", "%(count)d people ask to join a community", n)),
    ("applications", "building-2", lambda n: ngettext("%(count)d organisation applies to join the network", "%(count)d organisations apply to join the network", n)),
    ("proposals", "users-round", lambda n: ngettext("%(count)d community was proposed", "%(count)d communities were proposed", n)),
    ("revisions", "library-big", lambda n: ngettext("%(count)d knowledge item waits for review", "%(count)d knowledge items wait for review", n)),
    ("endorsements", "stamp", lambda n: ngettext("%(count)d endorsement waits for confirmation", "%(count)d endorsements wait for confirmation", n)),
    ("held", "hourglass", lambda n: ngettext("%(count)d text waits until you let it appear", "%(count)d texts wait until you let them appear", n)),
    ("comments", "flag", lambda n: ngettext("%(count)d comment on a draft was reported by readers", "%(count)d comments on drafts were reported by readers", n)),
    ("reports", "flag", lambda n: ngettext("%(count)d post was reported by readers", "%(count)d posts were reported by readers", n)),
)  # fmt: skip


# What is new ---------------------------------------------------------------------------------------------


@ready
def new_topics(user: Any) -> QuerySet:
    """Of my own communities only."""
    topics = Topic.objects.new_for(user).select_related("community", "author")
    return topics.only(*SHOWN).latest_first()[:SOME]


@ready
def unanswered(user: Any) -> QuerySet:
    """Questions of others in my communities that nobody has answered yet."""
    mine = Community.objects.joined_by(user).values("pk")
    topics = Topic.objects.unanswered().filter(community__in=mine).exclude(author=user)
    topics = topics.select_related("community", "author").only(*SHOWN)
    return topics.order_by("-created_at", "-pk")[:A_FEW]


SHOWN = (
    "title",
    "language",
    "kind",
    "last_post_at",
    "community__name",
    "author__name",
    "author__uuid",
    "author__photo_id",
)


def new_items(user: Any) -> tuple[list[Item], bool]:
    """Knowledge on my topics, published lately; without such, the latest of all. Also: whether it is on my topics."""
    mine = items_on_my_topics(user)
    return (mine, True) if mine else (latest_items(user), False)


@ready
def items_on_my_topics(user: Any) -> QuerySet:
    wanted = PersonTerm.objects.filter(content_object=user).values("tag")
    tagged = RevisionTerm.objects.filter(content_object=OuterRef("published"), tag__in=wanted)
    lately = timezone.now() - timedelta(days=NEW_DAYS)
    return items_of(user).filter(Exists(tagged), published_at__gt=lately).as_cards().latest_first()[:A_FEW]


@ready
def latest_items(user: Any) -> QuerySet:
    return items_of(user).as_cards().latest_first()[:A_FEW]


def items_of(user: Any) -> Any:
    return Item.objects.visible_to(user).published().one_per_work(get_language() or Language.HE)


# My municipality -----------------------------------------------------------------------------------------


def town_of(user: Any) -> Any:
    """The municipality for which I act at present, if it is one."""
    own = user.acting_for
    return own if own and own.authority_id else None


def town_tasks(user: Any) -> list[Task]:
    """Recommendations my municipality (or cluster) has not answered, and reports that are due."""
    towns = [mandate.organisation for mandate in user.mandates if can_endorse(user, mandate.organisation)]
    if not towns:
        return []
    return [*promised(towns[0], user), *open_recommendations(towns[0], user)]


def foundations_of(user: Any) -> list[Any]:
    """The foundations for which I act."""
    own = [mandate.organisation for mandate in user.mandates]
    return [row for row in own if row.type == OrganisationType.FOUNDATION]


def open_recommendations(town: Any, user: Any) -> list[Task]:
    badge = _("Not answered yet")
    rows = unanswered_recommendations(user, town.pk)
    return [Task("signpost", row.title, row.get_absolute_url(), badge=badge) for row in rows]


@ready
def unanswered_recommendations(user: Any, town: int) -> QuerySet:
    answered = Endorsement.objects.of(town).standing().filter(recommendation=OuterRef("pk"))
    shared = EndorsementShare.objects.standing_of(town).filter(endorsement__recommendation=OuterRef("pk"))
    known = Recommendation.objects.visible_to(user).in_force().without_index()
    return known.filter(~Exists(answered), ~Exists(shared)).in_order()[:5]


def promised(town: Any, user: Any) -> list[Task]:
    """What its endorsements ask of it: whether they still stand, its share in those of its cluster, reports; and who
    holds its role, if nobody does for long. One query."""
    return [
        Task(icon, pick(Titles(row), "title"), reverse(place, args=[row[4]]), row[5], badge=badge())
        for row in promises_of(user, town.pk)
        for icon, place, badge in [PROMISES[row[0]]]
    ]


@ready
def promises_of(user: Any, town: int) -> QuerySet:
    again = Reconfirmation.objects.waiting_for(town)
    shares = EndorsementShare.objects.waiting_for(town)
    due = Endorsement.objects.of(town).due_for_report()
    vacant = long_vacant(user, town).annotate(since=Cast("vacant_on", DateTimeField()))
    sources = (
        asked_of(again, "again", "endorsement__recommendation__title", "endorsement_id", "asked_at"),
        asked_of(shares, "share", "endorsement__recommendation__title", "pk", "asked_at"),
        asked_of(due, "report", "recommendation__title", "pk", "last_told"),
        asked_of(vacant, "role", "name", "pk", "since"),
    )
    first, *others = (rows[:SOME] for rows in sources)
    return first.union(*others, all=True)


def asked_of(rows: Any, sort: str, title: str, key: str, since: str) -> Any:
    titles = {f"told_{code}": F(f"{title}_{code}") for code in ("he", "ar", "en")}
    columns = {"told_sort": Value(sort, TextField()), **titles, "told_key": F(key), "told_since": F(since)}
    return rows.annotate(**columns).values_list(*columns)


class Titles:
    """Titles as the query gives them."""

    def __init__(self, row: Any):
        self.title_he, self.title_ar, self.title_en = row[1:4]


PROMISES = {
    "again": ("stamp", "show_endorsement", lambda: _("Does it still stand?")),
    "share": ("stamp", "answer_share", lambda: _("With our cluster?")),
    "report": ("clipboard-list", "show_endorsement", lambda: _("A progress report is due")),
    "role": ("user-round-search", "appoint_holder", lambda: _("Who holds the STEM role now?")),
}


# The first steps -----------------------------------------------------------------------------------------


def deeds_of(user: Any) -> dict[str, QuerySet]:
    """What this person has done so far, as far as the first steps go."""
    noted = AuditEvent.objects.filter(subject=f"{User._meta.label_lower}:{user.pk}")
    return {
        "finished": noted.filter(deed="finish_first_steps"),
        "read": noted.filter(deed="read_recommendations"),
        "joined": Membership.objects.held_by(user).active(),
        "said": User.objects.filter(Exists(Post.objects.filter(author=user)), pk=user.pk),
        "topics": PersonTerm.objects.filter(content_object=user),
    }


def first_steps(user: Any, done: dict[str, int]) -> list[dict[str, Any]]:
    """What a newcomer does first, with what is done marked; empty once all is done or the person knows the way."""
    if done["finished"] or not user.mandates:
        return []
    is_told = bool(user.name and user.role_title and (user.ask_me_about or user.about) and done["topics"])
    communities = reverse("list_communities")
    steps = [
        (_("Tell others what they can ask you about"), reverse("edit_profile"), is_told),
        (_("Join a community"), communities, bool(done["joined"])),
        (_("Say hello or ask your first question"), communities, bool(done["said"])),
        (_("Read the policy recommendations"), reverse("read_recommendations"), bool(done["read"])),
    ]
    if all(is_done for _label, _url, is_done in steps):
        return []
    return [{"label": label, "url": url, "is_done": is_done} for label, url, is_done in steps]
