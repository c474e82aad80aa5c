"""What the network is told of a version that is open to it, and its authors of what was said."""

from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.models import Representative
from munistem.commons.audit.actions import key
from munistem.commons.notices.actions import tell
from munistem.commons.notices.kinds import Family, Kind, register, visible_through
from munistem.commons.notices.models import Event, Notice
from munistem.commons.text.names import isolated
from policy.emails import Told, admins
from policy.models import Consultation, ConsultationComment, Endorsement, RecommendationVersion
from policy.rules import is_admin


def declare() -> None:
    asked = visible_through(Consultation.objects.visible_to)
    said = visible_through(ConsultationComment.objects.visible_to)
    reported = visible_through(comments_for_admins)
    worded = visible_through(RecommendationVersion.objects.visible_to)
    register(
        Kind("consultation_opened", Family.LIBRARY, say_opened, url_of_consultation, asked, how_to_comment),
        Kind("consultation_closing", Family.LIBRARY, say_closing, url_of_consultation, asked),
        Kind("consultation_closed", Family.TASKS, say_closed, url_of_consultation, asked, what_next),
        Kind("comment_written", Family.REPLIES, say_written, url_of_comment, said, comment_in),
        Kind("comment_answered", Family.REPLIES, say_answered, url_of_comment, said, answer_in),
        Kind("comment_reported", Family.TASKS, say_reported, url_of_judging, reported, comment_in),
        Kind("comment_hidden", Family.DECISIONS, say_hidden, url_of_comment, said, reason_in),
        Kind("version_adopted", Family.DECISIONS, say_adopted, url_of_version, worded, what_it_means),
    )


# To whom -------------------------------------------------------------------------------------------------


def network() -> list[Any]:
    """Everyone who takes part."""
    return list(get_user_model().objects.in_directory().defer("search_vector"))


def keepers_of(version: RecommendationVersion) -> list[Any]:
    """Who answers for a version: those who convene its roundtable, else the admins."""
    people = version.recommendation.roundtable.conveners.filter(is_active=True).defer("search_vector")
    return list(people) or admins()


def tell_network(kind: str, consultation: Consultation, *, by: Any = None) -> None:
    tell(kind, consultation, network(), by=by, reason="concerned", **_told(consultation))


def tell_keepers(kind: str, consultation: Consultation, **data: Any) -> None:
    people = keepers_of(consultation.version)
    tell(kind, consultation, people, reason="decider", **_told(consultation), **data)


def tell_of_comment(comment: ConsultationComment) -> None:
    people = keepers_of(comment.consultation.version)
    data = {**_told(comment.consultation), "consultation": comment.consultation_id, "text": comment.body}
    tell("comment_written", comment, people, by=comment.written_by, reason="decider", **data)


def tell_of_answer(comment: ConsultationComment) -> None:
    data = {**_told(comment.consultation), "consultation": comment.consultation_id, "text": comment.answer}
    people = [comment.written_by]
    tell("comment_answered", comment, people, by=comment.answered_by, reason="author", **data)


def tell_of_report(comment: ConsultationComment, *, by: Any) -> None:
    """The admins, without who reported it."""
    data = {**_told(comment.consultation), "consultation": comment.consultation_id, "text": comment.body}
    tell("comment_reported", comment, [one for one in admins() if one != by], reason="decider", **data)


def tell_of_hiding(comment: ConsultationComment) -> None:
    data = {**_told(comment.consultation), "consultation": comment.consultation_id}
    people = [comment.written_by]
    tell(
        "comment_hidden",
        comment,
        people,
        by=comment.hidden_by,
        reason="author",
        why=comment.hidden_reason,
        **data,
    )


def comments_for_admins(user: Any) -> Any:
    return ConsultationComment.objects.all() if is_admin(user) else ConsultationComment.objects.none()


def tell_endorsers(version: RecommendationVersion, *, by: Any) -> None:
    """Those whose municipality answered an earlier version."""
    answers = Endorsement.objects.in_force().filter(recommendation=version.recommendation)
    acting = Representative.objects.active().filter(
        organisation__in=answers.exclude(version=version).values("organisation")
    )
    people = get_user_model().objects.filter(is_active=True, pk__in=acting.values("person"))
    data = {"recommendation": _titles(version), "slug": version.recommendation.slug, "number": version.number}
    tell("version_adopted", version, list(people.defer("search_vector")), by=by, reason="owner", **data)


def settle(comment: ConsultationComment) -> None:
    """A comment that was answered waits for none of its keepers any more."""
    waiting = Notice.objects.unread().filter(event__kind="comment_written", event__subject=key(comment))
    waiting.update(read_at=comment.answered_at or comment.hidden_at)


def settle_reports(comment: ConsultationComment) -> None:
    """Once it was looked at, no admin is asked any more."""
    waiting = Notice.objects.unread().filter(event__kind="comment_reported", event__subject=key(comment))
    waiting.update(read_at=timezone.now())


def _told(consultation: Consultation) -> dict[str, Any]:
    return {"recommendation": _titles(consultation.version), "day": str(consultation.until_on)}


def _titles(version: RecommendationVersion) -> dict[str, str]:
    return {code: getattr(version, f"title_{code}") for code in ("he", "ar", "en")}


# Words ---------------------------------------------------------------------------------------------------


def words(event: Event) -> dict[str, Any]:
    day = event.data.get("day")
    shown = date_format(date.fromisoformat(day), "j F") if day else ""
    return {"title": Told(event.data.get("recommendation")), "day": shown}


def say_opened(event: Event, reader: Any) -> str:
    return _("“%(title)s” is a draft, and your word counts: it is open for comments until %(day)s") % words(
        event
    )


def how_to_comment(event: Event, reader: Any) -> list[str]:
    return [_("You comment on single paragraphs; the authors answer each comment.")]


def say_closing(event: Event, reader: Any) -> str:
    return _("“%(title)s” closes for comments soon: until %(day)s you can still say a word") % words(event)


def say_closed(event: Event, reader: Any) -> str:
    return _("“%(title)s” is closed for comments") % words(event)


def what_next(event: Event, reader: Any) -> list[str]:
    waiting = event.data.get("waiting", 0)
    lines = [_("Comments that wait for an answer: %(count)s") % {"count": waiting}] if waiting else []
    return [*lines, _("Now answer what was said, and word the next version or have this one adopted.")]


def say_written(event: Event, reader: Any) -> str:
    who = isolated(event.actor.name if event.actor and event.actor.name else _("Someone"))
    return _("%(actor)s commented on “%(title)s”") % {"actor": who, **words(event)}


def say_answered(event: Event, reader: Any) -> str:
    return _("Your comment on “%(title)s” was answered") % words(event)


def say_reported(event: Event, reader: Any) -> str:
    return _("A reader asks you to look at a comment on “%(title)s”") % words(event)


def say_hidden(event: Event, reader: Any) -> str:
    return _("Your comment on “%(title)s” was hidden") % words(event)


def reason_in(event: Event, reader: Any) -> list[str]:
    return [_("Reason: %(reason)s") % {"reason": isolated(event.data.get("why", ""))}]


def comment_in(event: Event, reader: Any) -> list[str]:
    return [isolated(event.data.get("text", ""))]


def answer_in(event: Event, reader: Any) -> list[str]:
    text = event.data.get("text", "")
    return [isolated(text)] if text else []


def say_adopted(event: Event, reader: Any) -> str:
    return _("“%(title)s”, which you answered, has a new version") % words(event)


def what_it_means(event: Event, reader: Any) -> list[str]:
    return [
        _("Your answer stands as it is and names the version it was given to."),
        _("See what changed, and answer anew if you wish."),
    ]


def url_of_consultation(event: Event) -> str:
    return reverse("show_consultation", args=[event.subject.rpartition(":")[2]])


def url_of_comment(event: Event) -> str:
    page = reverse("show_consultation", args=[event.data["consultation"]])
    return f"{page}#comment-{event.subject.rpartition(':')[2]}"


def url_of_judging(event: Event) -> str:
    return reverse("judge_comment", args=[event.data["consultation"], event.subject.rpartition(":")[2]])


def url_of_version(event: Event) -> str:
    return reverse("show_version", args=[event.data["slug"], event.data["number"]])
