"""At the meeting, on a phone: attendance, notes, decisions, tasks; and closing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from communities import rules
from communities.actions import gathering as deeds
from communities.actions import minutes as minutes_deeds
from communities.forms.minutes import GatheringForm, PapersForm
from communities.models import Decision, Invitee, Meeting, Minutes, Task
from communities.views.meeting import crumbs_of, meeting_of
from munistem.commons.guards.limits import limited
from munistem.commons.text.names import harmless


@login_required
@limited("gathering", 1_000, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def run_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a meeting under way. Whatever button is pressed, all that was typed is kept; 409 when notes were stale."""
    meeting, user = meeting_of(request, pk), request.user
    minutes = deeds.open_minutes(meeting)
    if not rules.can_note_outcome(user, meeting, minutes):
        raise PermissionDenied
    if request.method != "POST":
        return render(request, "communities/run_meeting.html", page_of_gathering(user, meeting, minutes))
    form = form_of(meeting, user, request.POST)
    can_mark = rules.can_mark_attendance(user, meeting, minutes)
    kept, stale = keep_pieces(user, meeting, form, can_mark)
    press(request, meeting, can_mark)
    if form.is_valid() and not stale:
        return redirect(f"{reverse('run_meeting', args=[pk])}#{harmless(request.POST.get('place', ''))[:20]}")
    again = form_of(meeting, user, refreshed(meeting, form, kept, stale))
    context = page_of_gathering(user, meeting, minutes, again, stale)
    return render(request, "communities/run_meeting.html", context, status=409 if stale else 200)


def rows_of(meeting: Meeting) -> list[Invitee]:
    """Who is invited: first those who said they come, then who waits for a seat, then by name."""
    is_coming = When(answer__in=Invitee.PRESENT, waiting_since__isnull=True, then=Value(0))
    waits = When(waiting_since__isnull=False, then=Value(1))
    came = When(attended=True, answer="silent", then=Value(2))
    rank = Case(is_coming, waits, came, default=Value(3), output_field=IntegerField())
    rows = Invitee.objects.filter(meeting=meeting).select_related("person")
    return list(rows.annotate(rank=rank).order_by("rank", "person__name", "pk"))


def form_of(meeting: Meeting, user: Any, data: Any = None) -> GatheringForm:
    items = meeting.agenda.accepted().in_order() if rules.can_run_meeting(user, meeting) else []
    return GatheringForm(data, meeting=meeting, items=list(items), rows=rows_of(meeting))


def page_of_gathering(
    user: Any, meeting: Meeting, minutes: Minutes | None, form: GatheringForm | None = None, stale: Any = ()
) -> dict[str, Any]:
    """Context of ``communities/run_meeting.html``."""
    form = form or form_of(meeting, user)
    listed = [row for row in form.rows if f"substitute-{row.pk}" in form.fields]
    is_correction = bool(minutes and minutes.correction_of_id)
    return {
        "meeting": meeting,
        "crumbs": [*crumbs_of(meeting), (meeting.get_absolute_url(), meeting.title)],
        "form": form,
        "rows": [(row, form[f"substitute-{row.pk}"]) for row in listed],
        "here": sum(bool(row.attended) for row in form.rows),
        "notes": notes_on(meeting, form, stale),
        "decisions": Decision.objects.of_meeting(meeting).in_force().without_index(),
        "tasks": Task.objects.of_meeting(meeting).in_force().select_related("owner"),
        "left": []
        if is_correction
        else Task.objects.left_for(meeting).select_related("owner", "meeting")[:30],
        "can_close": rules.can_close_meeting(user, meeting),
        "can_mark": rules.can_mark_attendance(user, meeting, minutes),
        "is_closed": not meeting.is_planned,
        "is_correction": is_correction,
    }


def notes_on(meeting: Meeting, form: GatheringForm, stale: Any) -> list[tuple]:
    """For each item: itself, its two fields, and what stands there now when others wrote meanwhile."""
    items = meeting.agenda.accepted().select_related("owner").in_order()
    return [
        (item, form[f"notes-{item.pk}"], form[f"seen-{item.pk}"], item.notes if item.pk in stale else None)
        for item in items
        if f"notes-{item.pk}" in form.fields
    ]


def keep_pieces(
    user: Any, meeting: Meeting, form: GatheringForm, can_mark: bool
) -> tuple[list[str], set[int]]:
    """Keep what is good in the form; returns the fields to empty and the agenda items whose notes were stale."""
    form.is_valid()
    stale = keep_all_notes(user, meeting, form)
    if can_mark:
        name_substitutes(user, meeting, form)
    else:
        form.cleaned_data.pop("newcomer", None)
    return keep_lines(user, meeting, form.cleaned_data), stale


def keep_all_notes(user: Any, meeting: Meeting, form: GatheringForm) -> set[int]:
    data, stale = form.cleaned_data, set()
    for item in meeting.agenda.accepted():
        notes = data.get(f"notes-{item.pk}") if f"notes-{item.pk}" in form.data else None
        if notes is not None:
            try:
                seen = data.get(f"seen-{item.pk}", "")
                deeds.keep_notes(by=user, item=item, notes=notes, seen=seen)
            except deeds.StaleNotes:
                stale.add(item.pk)
    return stale


def name_substitutes(user: Any, meeting: Meeting, form: GatheringForm) -> None:
    """Whoever is newly named is there."""
    for row in meeting.invitees.select_related("person"):
        field = f"substitute-{row.pk}"
        name = form.cleaned_data.get(field) if field in form.data else None
        if name is not None and name != row.substitute_name:
            there = {"is_there": bool(name or row.attended), "substitute": name}
            deeds.mark_attendance(by=user, meeting=meeting, person=row.person, **there)


def keep_lines(user: Any, meeting: Meeting, data: dict[str, Any]) -> list[str]:
    """Keep the lines that are complete; returns the fields to empty."""
    kept = []
    if newcomer := data.get("newcomer"):
        deeds.mark_attendance(by=user, meeting=meeting, person=newcomer, is_there=True)
        kept.append("newcomer")
    if text := data.get("decision"):
        deeds.note_decision(by=user, meeting=meeting, text=text, nonce=data["decision_nonce"])
        kept += ["decision", "decision_nonce"]
    if (text := data.get("task")) and data.get("owner") and "due_on" in data:
        given = {"owner": data["owner"], "due_on": data["due_on"], "nonce": data["task_nonce"]}
        deeds.give_task(by=user, meeting=meeting, text=text, **given)
        kept += ["task", "owner", "due_on", "task_nonce"]
    if (title := data.get("point")) and rules.can_run_meeting(user, meeting):
        deeds.add_point(by=user, meeting=meeting, title=title)
        kept.append("point")
    return kept


def refreshed(meeting: Meeting, form: GatheringForm, kept: list[str], stale: set[int]) -> Any:
    """What was typed and not kept, made from the present state of the notes."""
    data = form.renewed(*kept)
    for item in meeting.agenda.filter(pk__in=stale):
        data[f"seen-{item.pk}"] = deeds.notes_version(item.notes)
    for item in meeting.agenda.exclude(pk__in=stale):
        if f"notes-{item.pk}" in form.cleaned_data:
            data[f"seen-{item.pk}"] = deeds.notes_version(item.notes)
    return data


def press(request: HttpRequest, meeting: Meeting, can_mark: bool) -> None:
    """Do what the button says: tick, take a tick back, take a line away, finish a task."""
    user = request.user
    for button in ("there", "away") if can_mark else ():
        if row := chosen(request, button, meeting.invitees.select_related("person")):
            deeds.mark_attendance(by=user, meeting=meeting, person=row.person, is_there=button == "there")
    if can_mark and "all_coming" in request.POST:
        deeds.mark_all_coming(by=user, meeting=meeting)
    if decision := chosen(request, "drop_decision", meeting.decisions.select_related("meeting")):
        deeds.drop_decision(by=user, decision=decision)
    if task := chosen(request, "drop_task", meeting.tasks.select_related("meeting")):
        deeds.drop_task(by=user, task=task)
    for button, rows in (("keep_decision", meeting.decisions), ("keep_task", meeting.tasks)):
        if thing := chosen(request, button, rows.select_related("meeting")):
            deeds.keep_after_all(by=user, thing=thing)
    if task := chosen(request, "done", Task.objects.left_for(meeting)):
        deeds.finish_task(by=user, task=task)


def chosen(request: HttpRequest, button: str, rows: Any) -> Any:
    """The row whose key a button carries, None when it was not pressed or the row is gone."""
    key = request.POST.get(button, "")
    return rows.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 18 else None


@login_required
@limited("close_meeting", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def close_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Check who was there, add recording and slides, and let the draft of the minutes be composed."""
    meeting, user = meeting_of(request, pk), request.user
    minutes = deeds.open_minutes(meeting)
    if minutes and rules.can_lead_meeting(user, meeting):
        return redirect(minutes)
    if not rules.can_close_meeting(user, meeting):
        raise PermissionDenied
    form = PapersForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        minutes = minutes_deeds.close_meeting(by=user, meeting=meeting, **form.cleaned_data)
        messages.success(request, _("The meeting is closed. This is the draft of the minutes."))
        return redirect(minutes)
    people, organisations = minutes_deeds.counts_of(meeting)
    run = (reverse("run_meeting", args=[pk]), meeting.title)
    context = {"meeting": meeting, "form": form, "people": people, "organisations": organisations}
    return render(request, "communities/close_meeting.html", {**context, "crumbs": [run]})


@login_required
@require_POST
def finish_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a task is done, or (``off=1``) take it back; from My day and from the minutes."""
    tasks = Task.objects.visible_to(request.user).select_related("community")
    task = get_object_or_404(tasks.defer("community__search_vector"), pk=pk)
    if not rules.can_finish_task(request.user, task):
        raise PermissionDenied
    row = deeds.finish_task(by=request.user, task=task, is_done="off" not in request.POST)
    messages.success(request, _("Done. Thank you.") if row.done_at else _("The task is open again."))
    if request.POST.get("next") == "minutes":
        return redirect(f"{reverse('show_minutes', args=[row.meeting_id])}#task-{row.pk}")
    return redirect("home")


def said_counts(people: int, organisations: int) -> str:
    """How many were there, in words."""
    persons = ngettext("%(count)d person", "%(count)d people", people) % {"count": people}
    bodies = ngettext("%(count)d organisation", "%(count)d organisations", organisations)
    return _("%(people)s from %(organisations)s") % {
        "people": persons,
        "organisations": bodies % {"count": organisations},
    }
