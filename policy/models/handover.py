"""What a successor needs to know, gathered in few queries: what is promised, what is due, whom to call, what lies where.

Everything goes through ``visible_to`` of its reader; a part never shows what its own page would not.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import get_language

from communities.models import Meeting, Membership, Minutes, Task
from knowledge.models import Collection, Item
from members.models import LocalAuthority, Organisation, Representative, RoleHolding, User
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import Language
from munistem.commons.text.languages import ORDER
from policy.models.endorsement import Endorsement
from policy.models.plan import PlanItem
from policy.models.programme import Programme, ProgrammeFunder
from policy.models.progress import ProgressReport
from policy.models.vouching import EndorsementShare, Reconfirmation

AHEAD = timedelta(days=90)
SOME, MANY, EARLIER = 8, 30, 3


class Found(NamedTuple):
    """A thing of the pack. sort: which; title: of it; key: of its address; day: on which or by when; note: beside it."""

    sort: str
    title: str
    key: str
    day: date | None
    note: str


class Contact(NamedTuple):
    """sort: whose; name: of the person, or of the organisation; place: what connects; address: part of its page's address."""

    sort: str
    name: str
    place: str
    address: str
    email: str
    phone: str


def in_words(prefix: str, field: str = "name") -> Any:
    """``field_he/_ar/_en`` of a joined row in the reader's language, else in the first that has it; as ``pick`` does."""
    wanted = get_language() or Language.HE
    codes = dict.fromkeys((str(wanted)[:2], *ORDER))
    empty = Value("", TextField())
    return Coalesce(
        *(NullIf(F(f"{prefix}{field}_{code}"), empty) for code in codes), empty, output_field=TextField()
    )


def promises_of(user: Any, organisation: Organisation | None) -> list[Endorsement]:
    """Answers that stand, each with ``last_status``, ``is_due`` for a report, and until when it is ``asked_until``."""
    latest = ProgressReport.objects.visible_to(user).filter(endorsement=OuterRef("pk")).latest_first()
    asked = Reconfirmation.objects.open().filter(endorsement=OuterRef("pk"))
    due = Endorsement.objects.due_for_report().order_by().filter(pk=OuterRef("pk"))
    rows = Endorsement.objects.visible_to(user).standing().of(organisation).with_ends()
    rows = rows.select_related("organisation", "recommendation", "version").annotate(
        last_status=Subquery(latest.values("status")[:1]),
        asked_until=Subquery(asked.values("due_on")[:1]),
        is_due=Exists(due.values("pk")),
    )
    return list(rows.order_by("recommendation__roundtable", "recommendation__number", "pk"))


# What is due and what lies where -------------------------------------------------------------------------


def things_of(user: Any, authority: LocalAuthority, organisation: Organisation | None) -> list[Found]:
    """All dated things, minutes, tasks, programmes and texts of the role at once, at most some of each sort."""
    first, *others = sources(user, authority, organisation)
    return [Found(*row) for row in first.union(*others, all=True)]


def role_people(user: Any, authority: LocalAuthority) -> QuerySet:
    """Keys of those whose communities and tasks are the role's: who holds or held it, and a reader who acts for it."""
    held = RoleHolding.objects.of(authority).filter(person__isnull=False).values("person")
    acts = any(row.organisation.authority_id == authority.pk for row in user.mandates)
    return User.objects.filter(Q(pk__in=held) | Q(pk=user.pk) if acts else Q(pk__in=held)).values("pk")


def role_communities(people: QuerySet) -> QuerySet:
    return Membership.objects.active().filter(person__in=people).values("community")


def sources(user: Any, authority: LocalAuthority, organisation: Organisation | None) -> list[QuerySet]:
    today, now = timezone.localdate(), timezone.now()
    people = role_people(user, authority)
    seats = role_communities(people)
    plan = PlanItem.objects.visible_to(user).of(authority).open().filter(due_on__lte=today + AHEAD)
    shares = EndorsementShare.objects.waiting_for(organisation)
    meetings = Meeting.objects.visible_to(user).upcoming().filter(community__in=seats)
    tasks = Task.objects.visible_to(user).open().filter(owner__in=people)
    minutes = Minutes.objects.visible_to(user).approved().filter(community__in=seats)
    ending = Programme.objects.visible_to(user).of(authority).filter(until=current_school_year())
    return [
        found(plan.order_by("due_on", "pk"), "plan", "what", "authority_id", F("due_on"), F("owner__name"))[:MANY],
        found(shares, "share", in_words("endorsement__recommendation__", "title"), "pk")[:SOME],
        found(meetings.filter(starts_at__lte=now + AHEAD).soonest_first(), "meeting", "title", "pk", Cast("starts_at", DateField()), F("community__name"))[:SOME],
        found(tasks.soonest_first(), "task", "text", "meeting_id", F("due_on"), F("owner__name"))[:MANY],
        found(minutes.latest_first(), "minutes", "meeting__title", "meeting_id", Cast("meeting__starts_at", DateField()), F("community__name"))[:SOME],
        found(ending.by_name(), "programme", "name", "pk", note=F("provider"))[:MANY],
        found(items_of(user, authority).latest_first(), "item", "published__title", "slug", Cast("published_at", DateField()))[:SOME],
        found(collections_of(user, people).latest_first(), "collection", "title", "slug", Cast("changed_at", DateField()))[:SOME],
    ]  # fmt: skip


def items_of(user: Any, authority: LocalAuthority) -> Any:
    items = Item.objects.visible_to(user).published().filter(organisation__authority=authority)
    return items.one_per_work(str(get_language() or Language.HE))


def collections_of(user: Any, people: QuerySet) -> Any:
    return Collection.objects.visible_to(user).standing().filter(created_by__in=people)


def found(rows: QuerySet, sort: str, title: Any, key: str, day: Any = None, note: Any = None) -> QuerySet:
    """The rows in the columns of ``Found``; title: a field or an expression."""
    columns = {
        "found_sort": Value(sort, TextField()),
        "found_title": Cast(F(title) if isinstance(title, str) else title, TextField()),
        "found_key": Cast(F(key), TextField()),
        "found_day": day or Value(None, DateField()),
        "found_note": Coalesce(note, Value(""), output_field=TextField()) if note else Value("", TextField()),
    }
    return rows.annotate(**columns).values_list(*columns)


# Whom to call --------------------------------------------------------------------------------------------


def contacts_of(user: Any, authority: LocalAuthority, family: list[LocalAuthority]) -> list[Contact]:
    """Earlier holders, facilitators, peers in alike municipalities, funders with their people; addresses that the reader may see."""
    seen = User.objects.visible_to(user).values("pk")
    led = Membership.objects.visible_to(user).present().facilitators()
    seats = role_communities(role_people(user, authority))
    led = led.filter(community__in=seats, person__in=seen).exclude(person=user.pk)
    named = RoleHolding.objects.naming_to(user)
    before = (
        named.of(authority).filter(until_on__isnull=False).exclude(person=user.pk).exclude(person__name="")
    )
    held = named.open().filter(authority__in=family, person__in=seen)
    acting = Representative.objects.visible_to(user).active().filter(person__in=seen)
    leading = acting.managers().filter(organisation__authority__in=family)
    running = Programme.objects.visible_to(user).of(authority).in_year(current_school_year()).values("pk")
    payers = ProgrammeFunder.objects.filter(programme__in=running, organisation__isnull=False)
    funders = Organisation.objects.visible_to(user).members().filter(pk__in=payers.values("organisation"))
    acting = acting.filter(organisation__in=funders.values("pk"))
    first, *others = [
        earlier(before.latest_first(), seen)[:EARLIER],
        contact(led.order_by("community__name", "person__name", "pk"), "facilitator", F("community__name"))[
            :SOME
        ],
        contact(held.order_by("pk"), "holder", in_words("authority__"))[:SOME],
        contact(leading.order_by("pk"), "peer", in_words("organisation__"))[:SOME],
        contact(acting.managers_first(), "officer", in_words("organisation__"))[:MANY],
        paying(funders.by_name())[:SOME],
    ]
    return [Contact(*row) for row in first.union(*others, all=True)]


def contact(rows: QuerySet, sort: str, place: Any) -> QuerySet:
    """People in the columns of ``Contact``: an address only where the person shows it."""
    shown = Case(When(person__is_email_shown=True, then=F("person__email")), default=Value(""))
    columns = {
        "told_sort": Value(sort, TextField()),
        "told_name": F("person__name"),
        "told_place": Cast(place, TextField()),
        "told_address": Cast("person__uuid", TextField()),
        "told_email": Cast(shown, TextField()),
        "told_phone": F("person__phone"),
    }
    return rows.annotate(**columns).values_list(*columns)


def earlier(rows: QuerySet, seen: Any) -> QuerySet:
    """Who held the role before, by name; how to reach them only while the reader may see them."""
    is_seen = Q(person__in=seen)
    nothing = Value("", TextField())
    columns = {
        "told_sort": Value("before", TextField()),
        "told_name": Coalesce("person__name", "name"),
        "told_place": nothing,
        "told_address": Case(When(is_seen, then=Cast("person__uuid", TextField())), default=nothing),
        "told_email": Case(
            When(is_seen & Q(person__is_email_shown=True), then=Cast("person__email", TextField())),
            default=nothing,
        ),
        "told_phone": Case(When(is_seen, then=F("person__phone")), default=nothing),
    }
    return rows.annotate(**columns).values_list(*columns)


def paying(rows: QuerySet) -> QuerySet:
    nothing = Value("", TextField())
    columns = {
        "told_sort": Value("funder", TextField()),
        "told_name": in_words(""),
        "told_place": nothing,
        "told_address": Cast("slug", TextField()),
        "told_email": nothing,
        "told_phone": nothing,
    }
    return rows.annotate(**columns).values_list(*columns)
