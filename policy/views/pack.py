"""How the handover pack is told: its parts and lines, for the page and for paper alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from communities.models import Community
from members.models import LocalAuthority, Organisation, RoleHolding
from munistem.commons import pdf
from munistem.commons.text.names import isolated
from policy.enums import OVER, EndorsementState, Progress, Stance
from policy.models import Endorsement
from policy.models.handover import AHEAD, Contact, Found
from policy.models.period import opening_after, opening_of

#: Sort → address of the thing by its key.
PLACES = {
    "plan": "show_plan",
    "share": "answer_share",
    "meeting": "show_meeting",
    "call": "show_item",
    "task": "show_minutes",
    "minutes": "show_minutes",
    "programme": "show_programme",
    "item": "show_item",
    "collection": "show_collection",
}
#: What is due: sort → the word beside it.
DUE: dict[str, Callable[[], str]] = {
    "plan": lambda: _("Work plan"),
    "share": lambda: _("With our cluster?"),
    "meeting": lambda: _("Meeting"),
    "call": lambda: _("Call for proposals"),
    "report": lambda: _("Progress report"),
    "again": lambda: _("Does it still stand?"),
    "target": lambda: _("Target date"),
}


def said_day(value: Any) -> str:
    """A day with its year, as on paper."""
    # Translators: a Django date format, as above, with the year.
    return date_format(value, pgettext("date format", "j F Y")) if value else ""


@dataclass(frozen=True)
class Line:
    """One thing: what it is called, where it is, and what stands beside it. day: of what is due."""

    title: str
    url: str = ""
    notes: tuple[str, ...] = ()
    day: Any = None
    is_late: bool = False
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Part:
    """A headed list; empty: kind words when there is nothing; more: address and words of what else there is."""

    code: str
    title: str
    lines: list[Line]
    empty: str
    more: tuple[str, str] | None = None


@dataclass
class Pack:
    """What was gathered for one reader."""

    authority: LocalAuthority
    organisation: Organisation | None
    holdings: list[RoleHolding]
    promises: list[Endorsement]
    things: list[Found]
    contacts: list[Contact]
    seats: list[Community] = field(default_factory=list)

    @property
    def present(self) -> RoleHolding | None:
        return next((row for row in self.holdings if row.is_open), None)

    @property
    def vacant_since(self) -> Any:
        return self.holdings[0].until_on if self.holdings and not self.present else None

    def is_held_by(self, user: Any) -> bool:
        return self.present is not None and self.present.person_id == user.pk

    @cached_property
    def parts(self) -> list[Part]:
        plan = (reverse("show_plan", args=[self.authority.pk]), _("The whole work plan"))
        policy = (reverse("show_policy"), _("Read the recommendations"))
        return [
            Part("promises", _("What we endorsed"), [promise(row) for row in self.promises], _("No recommendation was answered yet; the first answer is a good beginning."), policy),
            Part("due", _("What is due in the next three months"), self.due(), _("Nothing is due. A quiet season is a good time to plan."), plan),
            Part("contacts", _("Whom to call"), called(self.contacts), _("Nobody to name yet. The directory of people helps."), (reverse("list_people"), _("People of the network"))),
            Part("minutes", _("Last minutes"), self.lines("minutes"), _("No approved minutes that you may read yet.")),
            Part("tasks", _("Open tasks of meetings"), self.lines("task"), _("No task is open. Well done.")),
            Part("programmes", _("Programmes that end this school year"), self.lines("programme"), _("No programme is known to end this year.")),
            Part("library", _("Files and knowledge of the municipality"), self.lines("item", "collection"), _("Nothing was published in the library yet. What you publish for the municipality stays with it.")),
        ]  # fmt: skip

    def lines(self, *sorts: str) -> list[Line]:
        return [line_of(row) for row in self.things if row.sort in sorts]

    def due(self) -> list[Line]:
        """What waits for an answer already, then by day, what is late first."""
        lines = [line_of(row, DUE[row.sort]()) for row in self.things if row.sort in DUE]
        lines += [line for row in self.promises for line in asked_of(row)]
        if opening := self.next_asking():
            words = _("The next progress reports are asked for")
            lines.append(Line(words, notes=(DUE["report"](),), day=opening))
        return sorted(lines, key=lambda line: (line.day is not None, line.day or timezone.localdate()))

    def next_asking(self) -> Any:
        """The day on which the next period opens, if it is near and something will be asked about."""
        opening = opening_after(opening_of(timezone.localdate()))
        asked = any(is_reported_on(row) for row in self.promises)
        return opening if asked and opening <= timezone.localdate() + AHEAD else None


def is_reported_on(row: Endorsement) -> bool:
    is_in_force = row.state == EndorsementState.CONFIRMED and row.stance == Stance.ENDORSES
    return is_in_force and row.last_status not in OVER  # type: ignore[attr-defined]


def line_of(row: Found, *words: str) -> Line:
    url = reverse(PLACES[row.sort], args=[row.key])
    is_late = row.sort in ("plan", "task") and row.day is not None and row.day < timezone.localdate()
    return Line(row.title, url, (*words, *filter(None, [row.note])), row.day, is_late)


def promise(row: Endorsement) -> Line:
    """An answer with its version, mandate, dates and how the work stands."""
    status = row.last_status  # type: ignore[attr-defined]
    notes = [
        str(row.get_stance_display()),
        _("version %(number)d") % {"number": row.version.number},
        str(row.get_mandate_display()) if row.mandate else "",
        said_day(row.decided_on),
        "" if row.state == EndorsementState.CONFIRMED else str(row.get_state_display()),
        _("target date: %(day)s") % {"day": said_day(row.target_on)} if row.target_on else "",
        _("responsible: %(name)s") % {"name": isolated(row.responsible)} if row.responsible else "",
        str(Progress(status).label) if status else _("no report yet") if is_reported_on(row) else "",
    ]
    return Line(row.recommendation.title, row.get_absolute_url(), tuple(filter(None, notes)))


def asked_of(row: Endorsement) -> Iterable[Line]:
    """What an answer asks for soon: a report, whether it stands, its target date."""
    today, url = timezone.localdate(), row.get_absolute_url()
    if row.is_due:  # type: ignore[attr-defined]
        ends_on = opening_after(opening_of(today)) - timedelta(days=1)
        yield Line(
            row.recommendation.title, reverse("report_progress", args=[row.pk]), (DUE["report"](),), ends_on
        )
    if asked := row.asked_until:  # type: ignore[attr-defined]
        yield Line(row.recommendation.title, url, (DUE["again"](),), asked, asked < today)
    if row.target_on and row.target_on <= today + AHEAD and is_reported_on(row):
        yield Line(row.recommendation.title, url, (DUE["target"](),), row.target_on, row.target_on < today)


#: Whose contact it is: sort → words beside the name, with the place.
CONNECTED: dict[str, Callable[[], str]] = {
    "before": lambda: _("held the role before"),
    "facilitator": lambda: _("facilitates %(place)s"),
    "holder": lambda: _("the same role in %(place)s"),
    "peer": lambda: _("manages the team of %(place)s"),
    "officer": lambda: _("of %(place)s, which pays for our programmes"),
}


def called(contacts: list[Contact]) -> list[Line]:
    """Each person once, by what connects most; funders of whom nobody is known are named as such."""
    lines, known = [], set()
    for sort, connected in CONNECTED.items():
        for row in contacts:
            if row.sort == sort and (row.address or row.name) not in known:
                known.add(row.address or row.name)
                note = connected() % {"place": isolated(row.place)}
                page = reverse("show_person", args=[row.address]) if row.address else ""
                lines.append(Line(row.name, page, (note,), mail=row.email, phone=row.phone))
    named = {row.place for row in contacts if row.sort == "officer"}
    for row in contacts:
        if row.sort == "funder" and row.name not in named:
            page = reverse("show_organisation", args=[row.address])
            lines.append(Line(row.name, page, (_("pays for our programmes"),)))
    return lines


# On paper ------------------------------------------------------------------------------------------------


def on_paper(pack: Pack, *, url: str, language: str) -> dict[str, Any]:
    """The document of ``commons/pdf``, in the active language."""
    sections = [pdf.section(part.title, listed(part)) for part in pack.parts]
    if pack.seats:
        names = [(row.name, settings.BASE_URL + row.get_absolute_url()) for row in pack.seats]
        sections.insert(3, pdf.section(_("Communities that wait for the successor"), pdf.links(names)))
    return pdf.page(
        language=language,
        title=_("Handover pack: STEM excellence manager of %(town)s") % {"town": pack.authority.name},
        url=url,
        body=pdf.tree(""),
        kind=_("For the municipality only"),
        summary=_("What was promised, what is due, whom to call and what lies where."),
        facts=[
            (_("In the role"), holder_of(pack.present)),
            (_("Vacant since"), said_day(pack.vacant_since)),
            (_("As of"), said_day(timezone.localdate())),
        ],
        sections=sections,
    )


def holder_of(row: RoleHolding | None) -> str:
    if row is None:
        return ""
    name = isolated(row.label) if row.is_named and row.label else ""  # type: ignore[attr-defined]
    since = _("since %(day)s") % {"day": said_day(row.since_on)}
    return ", ".join(filter(None, [name, since]))


def listed(part: Part) -> dict[str, Any]:
    """Lines as a list; a thing is a link, what stands beside it follows."""
    if not part.lines:
        return pdf.section("", part.empty)["body"]
    rows = []
    for line in part.lines:
        title = isolated(line.title)
        head: Any = {"t": "strong", "c": [title]}
        if line.url:
            head = {"t": "a", "href": settings.BASE_URL + line.url, "c": [title]}
        beside = filter(None, [said_day(line.day), *line.notes, line.mail, line.phone])
        words = " · ".join(map(isolated, beside))
        rows.append({"t": "li", "c": [head, *([{"t": "br"}, words] if words else [])]})
    return {"t": "root", "c": [{"t": "ul", "c": rows}]}
