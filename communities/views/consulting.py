"""The page of a peer consultation: its posts by stage, how it stands, and the one next step of who reads it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from communities import rules
from communities.emails.consultation import put_off_path
from communities.enums import Part, Stage
from communities.forms import ContributionForm
from communities.models import Consultation, Contribution, PeerRequest, Post, Topic
from communities.views.thread import Row, entries_of

STAGES = list(Stage)


def read_consultation(topic: Topic) -> Consultation:
    """The consultation of a topic of that kind, read once a request."""
    if "consultation_read" not in topic.__dict__:
        found = Consultation.objects.get(topic_id=topic.pk)
        found.topic = topic
        topic.__dict__["consultation_read"] = found
    return topic.__dict__["consultation_read"]


def staged_entries(user: Any, topic: Topic) -> list[Row]:
    """All posts: the case, then under a heading each what belongs together; answers stand beside their questions."""
    entries = entries_of(user, topic, 1, size=topic.post_count)
    rows = Contribution.objects.filter(post__topic=topic).values_list(
        "post__number", "part", "answers__number"
    )
    places = {number: (part, answers) for number, part, answers in rows}
    can_answer = rules.leads_consultation(user, topic) and read_consultation(topic).is_open
    shown = [entries[0]]
    for part in Part:
        own = [entry for entry in entries[1:] if places.get(entry["number"], (Part.ADVICE, None))[0] == part]
        if not own:
            continue
        ordered = list(beside(own, {number: answers for number, (_part, answers) in places.items()}))
        ordered[0]["heading"] = part.label
        for entry in ordered:
            if can_answer and part == Part.QUESTION and not entry["is_gap"] and entry["author_id"] != user.pk:
                entry["answer_url"] = f"?answers={entry['pk']}#reply"
        shown += ordered
    return shown


def beside(entries: Iterable[Row], answers: dict[int, int | None]) -> Iterable[Row]:
    """Posts in order, each followed by those that answer it."""
    entries = list(entries)
    known = {entry["number"] for entry in entries}
    for entry in entries:
        if answers.get(entry["number"]) in known:
            continue
        yield entry
        for other in entries:
            if answers.get(other["number"]) == entry["number"] and other is not entry:
                other["attributes"] = mark_safe(f"{other.get('attributes', '')} data-answer")
                yield other


def contribution_form(data: Any, files: Any, *, request: HttpRequest, topic: Topic) -> ContributionForm:
    """The form for what this member may write now; ``?answers=`` names the question it answers."""
    consultation, user = read_consultation(topic), request.user
    leads = rules.leads_consultation(user, topic)
    questions = Post.objects.filter(topic=topic, contribution__part=Part.QUESTION).readable_in(topic, user)
    return ContributionForm(
        data,
        files,
        parts=rules.parts_for(user, consultation),
        questions=questions if leads else questions.none(),
        leads=leads,
        initial={"answers": request.GET.get("answers", "")},
    )


def consultation_of(user: Any, topic: Topic) -> dict[str, Any]:
    """Context of ``communities/_stages.html``."""
    consultation = read_consultation(topic)
    leads = rules.leads_consultation(user, topic)
    mine = request_to(user, consultation)
    return {
        "consultation": consultation,
        "steps": steps_of(consultation),
        "leads": leads,
        "told": told(consultation, leads=leads),
        "next_step": next_step(consultation) if leads else None,
        "can_ask_peers": rules.can_ask_peers(user, consultation),
        "asked": asked_by(user, consultation),
        "my_request": mine,
        "put_off_path": put_off_path(mine) if mine else "",
    }


def steps_of(consultation: Consultation | None) -> list[dict[str, Any]]:
    """The way of a consultation, for ``steps``; of one that is being begun when there is none."""
    here = STAGES.index(Stage(consultation.stage)) if consultation else -1
    way = [stage for stage in STAGES if stage != Stage.DONE]
    steps = [
        {"label": stage.label, "is_done": place < here, "is_here": place == here}
        for place, stage in enumerate(way)
    ]
    return [{"label": _("The case"), "is_done": here >= 0, "is_here": here < 0}, *steps]


def told(consultation: Consultation, *, leads: bool) -> str:
    """What happens now, for who leads it and for colleagues."""
    stage = Stage(consultation.stage)
    if leads:
        return {
            Stage.QUESTIONS: _(
                "Colleagues ask, so that they understand the case. Answer beside each question."
            ),
            Stage.ADVICE: _("Colleagues advise. You need not answer every piece of advice."),
            Stage.TAKING: _(
                "Tell colleagues what you take along and what you will try. A few lines are enough."
            ),
            Stage.OUTCOME: _(
                "You are trying it. On %(day)s we ask you what came of it; you can tell it before."
            ),
            Stage.DONE: _("Finished. Thank you for telling what came of it."),
        }[stage] % {"day": said_day(consultation)}
    return {
        Stage.QUESTIONS: _("Ask what you need to understand the case. Advice comes after that."),
        Stage.ADVICE: _("What would you do? What worked in your place, and what did not?"),
        Stage.TAKING: _("Enough was said for now: next we read what is taken along and tried."),
        Stage.OUTCOME: _("It is being tried. On %(day)s we ask what came of it."),
        Stage.DONE: _("Finished. Thank you to everyone who gave a thought to it."),
    }[stage] % {"day": said_day(consultation)}


def said_day(consultation: Consultation) -> str:
    return date_format(consultation.outcome_due_on, "DATE_FORMAT") if consultation.outcome_due_on else ""


def next_step(consultation: Consultation) -> dict[str, str] | None:
    """The one button of who leads it: where to, its words, and what comes then."""
    return {
        Stage.QUESTIONS: {
            "to": Stage.ADVICE.value,
            "label": _("Now I ask for advice"),
            "then": _("Whoever asked a question hears of it. Questions can still be asked."),
        },
        Stage.ADVICE: {
            "to": Stage.TAKING.value,
            "label": _("I have enough to go on"),
            "then": _("Then you tell what you take along; more advice can still be added."),
        },
    }.get(Stage(consultation.stage))


def request_to(user: Any, consultation: Consultation) -> PeerRequest | None:
    """The request that waits for this reader."""
    if not user.is_authenticated or not consultation.is_open:
        return None
    return (
        PeerRequest.objects.waiting_for(user)
        .filter(consultation=consultation)
        .select_related("asked_by")
        .first()
    )


def asked_by(user: Any, consultation: Consultation) -> list[PeerRequest]:
    """Who was asked personally, for who may ask; that somebody put it off is not said."""
    if not rules.can_ask_peers(user, consultation):
        return []
    rows = (
        consultation.requests.exclude(person__name="")
        .with_answered()
        .select_related("person")
        .order_by("asked_at", "pk")
    )
    return list(rows.defer("person__search_vector"))
