"""Applications to join, as the network's admins read and decide them: one page each, the mail seen before it goes out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from communities.actions.admission import admit, undo_admission
from members import rules
from members.actions import application as deeds
from members.actions.application import TooLate
from members.actions.mandate import AccountClosed
from members.actions.organisation import MemberAlready
from members.actions.reason import keep_reason
from members.admin.frame import ForAdmins
from members.emails import application as emails
from members.enums import ApplicationState, OrganisationType
from members.forms.decision import ApprovalForm, MergeForm, NothingForm, QuestionForm, RefusalForm
from members.models import Application, DeclineReason, Organisation, User
from members.models.application import WAITING
from munistem.commons.audit.actions import history
from munistem.commons.enums import LifeStage
from munistem.commons.mail.letters import Letter

MOST_SHOWN = 10
NAMED = [f"{row}__name_{code}" for row in ("authority", "cluster") for code in ("he", "ar", "en")]


@dataclass(frozen=True)
class Deed:
    """One thing an admin can do: whether they may, what they fill in, what the applicant will read, what is done."""

    label: Any
    said: Any
    may: Callable[[Any, Application], bool]
    form: Callable[[Application, Any], forms.Form]
    act: Callable[[Any, Application, dict[str, Any]], Any]
    letter: Callable[[Application, dict[str, Any]], Letter] | None = None
    is_grave: bool = False

    @property
    def has_letter(self) -> bool:
        return self.letter is not None


DEEDS: dict[str, Deed] = {
    "review": Deed(
        gettext_lazy("Take in review"),
        gettext_lazy("The applicant sees that the application is being read."),
        rules.can_take_in_review,
        lambda application, data: NothingForm(data),
        lambda by, application, data: deeds.take_in_review(by=by, application=application),
    ),
    "approve": Deed(
        gettext_lazy("Approve"),
        gettext_lazy("Approved. The organisation is a member, and its first manager was told by mail."),
        rules.can_decide_application,
        lambda application, data: ApprovalForm(data),
        lambda by, application, data: admit(by=by, application=application, note=data["note"]),
        lambda application, data: emails.approval(application, data["note"]),
    ),
    "ask": Deed(
        gettext_lazy("Ask a question"),
        gettext_lazy("The question is on its way."),
        rules.can_decide_application,
        lambda application, data: QuestionForm(data),
        lambda by, application, data: deeds.ask(by=by, application=application, body=data["body"]),
        lambda application, data: emails.question(application, data["body"]),
    ),
    "decline": Deed(
        gettext_lazy("Decline"),
        gettext_lazy("Declined. The applicant was told why."),
        rules.can_decide_application,
        lambda application, data: RefusalForm(data, language=application.language),
        lambda by, application, data: deeds.decline(by=by, application=application, reason=data["reason"]),
        lambda application, data: emails.refusal(application, data["reason"]),
        is_grave=True,
    ),
    "merge": Deed(
        gettext_lazy("Join to another application"),
        gettext_lazy("Joined. The applicant was told."),
        rules.can_decide_application,
        lambda application, data: MergeForm(data, candidates=mergeable(application)),
        lambda by, application, data: deeds.merge(by=by, application=application, into=data["into"]),
        lambda application, data: emails.joining(application, data["into"]),
    ),
    "undo": Deed(
        gettext_lazy("Take the approval back"),
        gettext_lazy(
            "The approval was taken back; the application is in review again and the person was told."
        ),
        rules.can_undo_admission,
        lambda application, data: NothingForm(data),
        lambda by, application, data: undo_admission(by=by, application=application),
        lambda application, data: emails.taking_back(application),
        is_grave=True,
    ),
}


#: What the audit trail of an application says, in words.
HAPPENED = {
    "receive_application": gettext_lazy("Received, the address confirmed"),
    "review_application": gettext_lazy("Taken in review"),
    "ask_applicant": gettext_lazy("Question sent"),
    "answer_question": gettext_lazy("Answered by the applicant"),
    "approve_application": gettext_lazy("Approved"),
    "decline_application": gettext_lazy("Declined"),
    "merge_application": gettext_lazy("Joined to another application"),
    "undo_admission": gettext_lazy("Approval taken back"),
    "withdraw_application": gettext_lazy("Taken back by the applicant"),
    "remind_of_application": gettext_lazy("Admins reminded"),
}
#: The states as admins call them.
STATES = {
    ApplicationState.RECEIVED: gettext_lazy("New"),
    ApplicationState.IN_REVIEW: ApplicationState.IN_REVIEW.label,
    ApplicationState.QUESTION: gettext_lazy("Asked, waits for an answer"),
    ApplicationState.APPROVED: ApplicationState.APPROVED.label,
    ApplicationState.DECLINED: ApplicationState.DECLINED.label,
    ApplicationState.MERGED: ApplicationState.MERGED.label,
    ApplicationState.WITHDRAWN: ApplicationState.WITHDRAWN.label,
}


def happened(application: Application) -> list[dict[str, Any]]:
    """What was done with an application, latest first."""
    return [
        {"said": HAPPENED[event.deed], "actor": event.actor, "at": event.happened_at}
        for event in history(application).filter(deed__in=HAPPENED)[:30]
    ]


def related(application: Application) -> QuerySet:
    """Other received applications of the same organisation, name or address."""
    alike = Q(email__iexact=application.email)
    if application.authority_id:
        alike |= Q(authority=application.authority_id)
    elif application.cluster_id:
        alike |= Q(cluster=application.cluster_id)
    elif application.organisation_name:
        alike |= Q(organisation_name__iexact=application.organisation_name)
    rows = Application.objects.for_admins().filter(alike).exclude(pk=application.pk)
    return rows.select_related("authority", "cluster").defer("authority__search_vector").latest_first()


def mergeable(application: Application) -> QuerySet:
    return related(application).waiting()


def members_alike(application: Application) -> list[Organisation]:
    """Organisations, those that left included, of the same row of the register, mail domain or name."""
    alike = Q(pk__in=[])
    if domain := rules.work_domain(application.email):
        alike |= Q(email_domain__iexact=domain)
    if application.authority_id:
        alike |= Q(authority=application.authority_id)
    elif application.cluster_id:
        alike |= Q(cluster=application.cluster_id)
    elif name := application.organisation_name:
        alike |= Q(name_he__iexact=name) | Q(name_ar__iexact=name) | Q(name_en__iexact=name)
    return list(Organisation.objects.filter(alike).defer("search_vector").by_name()[:MOST_SHOWN])


def people_known(application: Application) -> list[User]:
    """People with this address or a colleague's, at most ten."""
    alike = Q(email__iexact=application.email)
    if domain := rules.work_domain(application.email):
        alike |= Q(email__iendswith=f"@{domain}")
    return list(User.objects.filter(alike).only("uuid", "name", "email", "is_active").by_name()[:MOST_SHOWN])


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("waiting", _("All that wait")), *((state.value, label) for state, label in STATES.items())]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "waiting":
            return queryset.filter(state__in=WAITING)
        return queryset.filter(state=self.value()) if self.value() in ApplicationState.values else queryset


class TypeFilter(admin.SimpleListFilter):
    title = gettext_lazy("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return OrganisationType.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(type=self.value()) if self.value() in OrganisationType.values else queryset


@admin.register(Application)
class ApplicationAdmin(ForAdmins):
    list_display = ("organisation_said", "state_said", "contact", "received", "answer_by")
    list_filter = (StateFilter, TypeFilter)
    list_select_related = ("authority", "cluster")
    search_fields = ("organisation_name", "contact_name", "email", *NAMED)
    actions = None
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).for_admins()  # type: ignore[attr-defined]
        return rows.defer("authority__search_vector") if request.resolver_match else rows

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits comes first, the longest waiting on top."""
        waits_first = Case(When(state__in=WAITING, then=Value(0)), default=Value(1))
        return (waits_first.asc(), F("submitted_at").asc(nulls_last=True), "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Applications to join"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("Organisation"))
    def organisation_said(self, application: Application) -> str:
        return f"{application.name} · {application.get_type_display()}"

    @admin.display(description=gettext_lazy("State"))
    def state_said(self, application: Application) -> Any:
        return STATES[ApplicationState(application.state)]

    @admin.display(description=gettext_lazy("Contact"))
    def contact(self, application: Application) -> str:
        return format_html(
            '<bdi>{}</bdi><br><bdi dir="ltr">{}</bdi>', application.contact_name, application.email
        )

    @admin.display(description=gettext_lazy("Received"))
    def received(self, application: Application) -> Any:
        return timezone.localdate(application.submitted_at) if application.submitted_at else None

    @admin.display(description=gettext_lazy("Answer promised by"))
    def answer_by(self, application: Application) -> Any:
        return rules.answer_expected_on(application) if application.state in WAITING else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        application = self.get_object(request, object_id)
        if application is None:
            raise Http404
        if not rules.is_admin(request.user):
            raise PermissionDenied
        if request.method == "POST":
            return self.do(request, application)
        return self.show(request, application)

    def do(self, request: HttpRequest, application: Application) -> HttpResponse:
        """A deed of the page: filled in, then its letter seen, then done."""
        code = request.POST.get("deed", "")
        deed = DEEDS.get(code)
        if deed is None or not deed.may(request.user, application):
            messages.warning(request, _("This is not possible any more: things have changed meanwhile."))
            return self.back(application)
        form = deed.form(application, request.POST)
        if not form.is_valid():
            return self.show(request, application, {code: form})
        if deed.letter and "send" not in request.POST:
            return self.preview(request, application, code, form)
        try:
            deed.act(request.user, application, form.cleaned_data)
        except TooLate:
            messages.warning(request, _("This application was decided or taken back meanwhile."))
        except MemberAlready as error:
            said = _("%(organisation)s is a member already. Decline, and point to “join its team”.")
            messages.error(request, said % {"organisation": error.organisation.name})
        except AccountClosed:
            messages.error(request, _("The account of this address was deactivated. Reopen it first."))
        else:
            messages.success(request, deed.said)
        return self.back(application)

    def back(self, application: Application) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:members_application_change", args=[application.pk]))

    def preview(self, request: HttpRequest, application: Application, code: str, form: Any) -> HttpResponse:
        """The letter as the applicant will read it, its words still open to change."""
        deed = DEEDS[code]
        with override(application.language):
            letter = deed.letter(application, form.cleaned_data) if deed.letter else None
        if code == "decline":  # the chosen reason is part of the words from here on
            form = RefusalForm({"reason": form.cleaned_data["reason"]}, language=application.language)
            del form.fields["preset"]
            form.fields["reason"].label, form.fields["reason"].help_text = _("The reason, word for word"), ""
        context = {
            **self.frame(request, application),
            "title": deed.label,
            "deed": deed,
            "code": code,
            "form": form,
            "letter": letter,
            "direction": "ltr" if application.language == "en" else "rtl",
        }
        return TemplateResponse(request, "admin/members/application/preview.html", context)

    def show(self, request: HttpRequest, application: Application, bound: Any = None) -> HttpResponse:
        open_deeds = [
            {"code": code, "deed": deed, "form": (bound or {}).get(code) or deed.form(application, None)}
            for code, deed in DEEDS.items()
            if deed.may(request.user, application)
        ]
        others = list(related(application)[:MOST_SHOWN])
        if not any(other.state in WAITING for other in others):
            open_deeds = [entry for entry in open_deeds if entry["code"] != "merge"]
        context = {
            **self.frame(request, application),
            "title": application.name,
            "deeds": open_deeds,
            "failed": next(iter(bound or {}), ""),
            "row": application.authority or application.cluster,
            "stages": [stage.label for stage in LifeStage if stage.value in application.life_stages],
            "answer_by": rules.answer_expected_on(application),
            "is_overdue": rules.is_overdue(application, timezone.now()),
            "alike": members_alike(application),
            "domain": rules.work_domain(application.email),
            "others": others,
            "people": people_known(application),
            "thread": list(application.messages.select_related("author").order_by("sent_at", "pk")),
            "events": happened(application),
            "state_said": STATES[ApplicationState(application.state)],
        }
        return TemplateResponse(request, "admin/members/application/change_form.html", context)

    def frame(self, request: HttpRequest, application: Application) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "application": application}


@admin.register(DeclineReason)
class DeclineReasonAdmin(ForAdmins):
    """Reasons to choose from, in three languages."""

    list_display = ("code", "text_he", "text_en")
    fields = ("code", "text_he", "text_ar", "text_en")
    ordering = ("pk",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        keep_reason(by=request.user, reason=obj)
