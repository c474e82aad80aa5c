"""Offering a discussion to the library, how its consents stand, and answering whether one is named."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from communities.enums import TopicKind
from communities.models import Consultation, Topic
from communities.rules import can_offer_topic
from knowledge import rules
from knowledge.actions import offer as deeds
from knowledge.actions.write import TooLate, Unanswered
from knowledge.emails import named_as, read_consent_token
from knowledge.forms.offer import OfferForm, contributors_of
from knowledge.models import Consent, Offer
from knowledge.models.item import REACH
from knowledge.views.item import who_reads
from munistem.commons.guards.limits import limited
from munistem.commons.guards.middleware import int_or_zero


def topic_of(request: HttpRequest, pk: int) -> Topic:
    """The topic of an address; 404 for what one may not know of."""
    topics = Topic.objects.visible_to(request.user).select_related("community")
    return get_object_or_404(topics.without_index().defer("community__search_vector"), pk=pk)


def crumbs_of(topic: Topic) -> list[tuple[str, str]]:
    community = topic.community
    return [
        (reverse("list_communities"), _("Communities")),
        (community.get_absolute_url(), community.name),
        (topic.get_absolute_url(), topic.title),
    ]


@login_required
@limited("item", 60, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an item of a discussion; once made, this is where its consents stand."""
    topic, user = topic_of(request, pk), request.user
    offer = Offer.objects.filter(topic=topic).select_related("item", "made_by").first()
    if offer:
        return show_offer(request, topic, offer)
    if not can_offer_topic(user, topic):
        raise PermissionDenied
    form = form_of(request, topic)
    if request.method == "POST" and form.is_valid():
        deeds.offer_topic(
            by=user,
            topic=topic,
            content=form.content(),
            voices=voices_of(form),
            nonce=form.cleaned_data["nonce"],
        )
        messages.success(request, _("The draft was made. Those you would name were asked."))
        return redirect("offer_topic", pk=pk)
    context = {"topic": topic, "form": form, "crumbs": crumbs_of(topic)}
    return render(request, "knowledge/offer.html", context)


def form_of(request: HttpRequest, topic: Topic) -> OfferForm:
    consultation = None
    if topic.kind == TopicKind.CONSULTATION:
        consultation = Consultation.objects.get(topic=topic)
        consultation.topic = topic
    return OfferForm(
        request.POST or None,
        topic=topic,
        user=request.user,
        contributors=contributors_of(topic, besides=request.user),
        consultation=consultation,
    )


def voices_of(form: OfferForm) -> list[deeds.Voice]:
    return [deeds.Voice(one.person, one.role, one.place, quote, one.post) for one, quote in form.named()]


def show_offer(request: HttpRequest, topic: Topic, offer: Offer) -> HttpResponse:
    """How the consents stand, for who offered it; others are led to the item if they may see it."""
    item = offer.item
    if not rules.can_see_offer(request.user, offer):
        if rules.can_see_item(request.user, item):
            return redirect(item)
        raise PermissionDenied
    revision = deeds.latest(item)
    given = list(
        Consent.objects.visible_to(request.user).given().filter(offer=offer).select_related("person")
    )
    total = offer.consents.count()
    context = {
        "topic": topic,
        "item": item,
        "revision": revision,
        "given": [row for row in given if row.reach >= REACH[revision.visibility]],
        "narrower": [row for row in given if row.reach < REACH[revision.visibility]],
        "open_count": total - len(given),
        "can_send": rules.can_send_offer(request.user, offer),
        "can_edit": rules.can_edit_item(request.user, item),
        "who_reads": who_reads(item, revision, item.community),
        "crumbs": crumbs_of(topic),
    }
    return render(request, "knowledge/offered.html", context)


def offer_of(request: HttpRequest, pk: int) -> Offer:
    topic = topic_of(request, pk)
    offers = Offer.objects.visible_to(request.user).select_related("item__community", "made_by")
    return get_object_or_404(offers, topic=topic)


@login_required
@require_POST
def send_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the item for review with the words of those who agreed; (``again=1``) ask anew those who agreed for fewer."""
    offer = offer_of(request, pk)
    if offer.made_by_id != request.user.pk:
        raise PermissionDenied
    try:
        if "again" in request.POST:
            count = deeds.ask_again(by=request.user, offer=offer)
            told = ngettext("One colleague was asked again.", "%(count)d colleagues were asked again.", count)
            messages.success(request, told % {"count": count})
            return redirect("offer_topic", pk=pk)
        deeds.send_offer(by=request.user, offer=offer)
    except TooLate:
        raise PermissionDenied from None
    except Unanswered:
        messages.warning(request, _("One question is left before it is sent: does it show personal details?"))
        return redirect(f"{reverse('edit_item', args=[offer.item.slug])}#id_privacy_group")
    messages.success(request, _("It was sent; a knowledge manager reads it and you will hear from us."))
    return redirect("offer_topic", pk=pk)


# Being named ---------------------------------------------------------------------------------------------


@login_required
@limited("consent", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def answer_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """See as what one would be named, and agree or be left out."""
    rows = Consent.objects.select_related("offer__item__community", "offer__made_by", "person")
    return answer(request, get_object_or_404(rows, pk=pk, person=request.user))


@limited("consent_mail", 120, 3600)
@require_http_methods(["GET", "HEAD", "POST"])
def answer_consent_from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the link in the letter, without signing in; opening it changes nothing (mail scanners do)."""
    try:
        key, reader = read_consent_token(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    rows = Consent.objects.select_related("offer__item__community", "offer__made_by", "person")
    person = get_object_or_404(get_user_model(), pk=reader, is_active=True)
    consent = get_object_or_404(rows, pk=key, person=person)
    consent.person = person
    return answer(request, consent)


def answer(request: HttpRequest, consent: Consent) -> HttpResponse:
    """The page of both doors: 410 once it is too late, 409 when more people are to read it than was said."""
    wish, status = request.POST.get("answer", ""), 200
    is_answer = request.method == "POST" and wish in ("yes", "no")
    if is_answer:
        offered, status = consent.offer, note_answer(consent, wish, request.POST.get("reach"))
        consent = Consent.objects.select_related("offer__item__community", "person").get(pk=consent.pk)
        consent.offer.made_by = offered.made_by
    item = consent.offer.item
    revision = deeds.latest(item)
    can_answer = rules.can_answer_consent(consent.person, consent)
    context: dict[str, Any] = {
        "consent": consent,
        "item": item,
        "revision": revision,
        "named_as": named_as(consent),
        "who_reads": who_reads(item, revision, item.community),
        "reach": REACH[revision.visibility],
        "can_answer": can_answer,
        "can_give": can_answer and rules.can_give_consent(consent.person, consent),
        "tapped": request.GET.get("answer", ""),
        "is_answered": is_answer and status == 200,
    }
    return render(request, "knowledge/consent.html", context, status=status if can_answer else 410)


def note_answer(consent: Consent, wish: str, reach: str | None) -> int:
    """The status with which an answer is answered; reach: of the page on which it was given, where it said so."""
    seen = int_or_zero(reach) if reach is not None else None
    try:
        deeds.answer_consent(by=consent.person, consent=consent, is_given=wish == "yes", seen=seen)
    except TooLate:
        return 410
    except deeds.MoreReaders:
        return 409  # the page says who reads it now, and asks again
    return 200
