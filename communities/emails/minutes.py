"""Minutes and tasks: what is told of them."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from communities.emails.community import actor, name_in
from communities.models import Minutes, Task
from munistem.commons.notices.kinds import Family, Kind, visible_through
from munistem.commons.notices.models import Event
from munistem.commons.text.names import isolated


def minutes_url(event: Event) -> str:
    return reverse("show_minutes", args=[event.data["meeting"]])


def task_url(event: Event) -> str:
    return reverse("home")


def say_sent(event: Event, reader: Any) -> str:
    return _("The minutes of “%(title)s” wait for your remarks") % {"title": name_in(event, "title")}


def days_given(event: Event, reader: Any) -> list[str]:
    until = parse_datetime(str(event.data.get("until", "")))
    if until is None:
        return []
    day = date_format(timezone.localtime(until), "DATE_FORMAT")
    return [
        _("Until %(day)s you can remark on each paragraph. If nobody does, they are approved.") % {"day": day}
    ]


def say_remarked(event: Event, reader: Any) -> str:
    words = {"actor": actor(event), "title": name_in(event, "title")}
    return _("%(actor)s remarked on the minutes of “%(title)s”") % words


def remark_quoted(event: Event, reader: Any) -> list[str]:
    said = str(event.data.get("remark", ""))
    return [isolated(said)] if said else []


def say_answered(event: Event, reader: Any) -> str:
    words = {"title": name_in(event, "title")}
    if event.data.get("is_taken_in"):
        return _("Your remark on the minutes of “%(title)s” was taken in") % words
    return _("Your remark on the minutes of “%(title)s” was answered") % words


def answer_quoted(event: Event, reader: Any) -> list[str]:
    said = str(event.data.get("answer", ""))
    return [isolated(said)] if said else []


def say_approved(event: Event, reader: Any) -> str:
    words = {"title": name_in(event, "title"), "community": name_in(event, "community")}
    return _("The minutes of “%(title)s” in %(community)s were approved") % words


def say_task_given(event: Event, reader: Any) -> str:
    words = {"task": name_in(event, "task"), "title": name_in(event, "title")}
    return _("You took this on in “%(title)s”: %(task)s") % words


def say_task_due(event: Event, reader: Any) -> str:
    return _("Your task is due: %(task)s") % {"task": name_in(event, "task")}


def minutes_of(user: Any):
    return Minutes.objects.visible_to(user)


def open_tasks_of(user: Any):
    return Task.objects.visible_to(user).of_owner(user).open()


def tasks_of(user: Any):
    return Task.objects.visible_to(user)


KINDS = (
    Kind("minutes_sent", Family.MEETINGS, say_sent, minutes_url, visible_through(minutes_of), days_given),
    Kind(
        "minutes_remarked",
        Family.MEETINGS,
        say_remarked,
        minutes_url,
        visible_through(minutes_of),
        remark_quoted,
    ),
    Kind(
        "remark_answered",
        Family.MEETINGS,
        say_answered,
        minutes_url,
        visible_through(minutes_of),
        answer_quoted,
    ),
    Kind("minutes_approved", Family.TOPICS, say_approved, minutes_url, visible_through(minutes_of)),
    Kind("task_given", Family.MEETINGS, say_task_given, task_url, visible_through(tasks_of)),
    Kind("task_due", Family.MEETINGS, say_task_due, task_url, visible_through(open_tasks_of)),
)
