"""A draft, a text the network is asked about, a workspace: what only some may know of before it is adopted."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from members.models import User
from munistem.front.management.probe.marks import Probed, mark
from munistem.front.management.probe.roles import NETWORK, Cast
from policy.actions import consult
from policy.actions.table import gather, save_contribution, save_seat
from policy.actions.version import begin
from policy.enums import Outcome
from policy.models import RecommendationVersion, Roundtable


def prepared(cast: Cast, table: Roundtable) -> Iterator[Probed]:
    """What is prepared at a published roundtable that the editor convenes: a draft, and one open to the network."""
    convener = cast.people["editor"]
    table.conveners.add(convener)
    own = ["editor", "admin"]
    guest, said = mark(), mark()
    seat = save_seat(by=convener, roundtable=table, name=guest)
    contribution = save_contribution(by=convener, roundtable=table, text=said, language="en", seat=seat)
    workspace = reverse("show_workspace", args=[table.slug])
    for kind, pk, marks in (("seat", seat.pk, [guest]), ("contribution", contribution.pk, [said])):
        yield Probed(kind, "conveners", pk, own, workspace, detail_canaries=marks)
    draft, title, reason = written(cast, table)
    gather(by=convener, version=draft, contributions=[contribution])
    url, slug = draft.get_absolute_url(), draft.recommendation.slug
    pages = [url, f"{url}changes/", reverse("show_recommendation", args=[slug])]
    yield Probed("version", "draft", draft.pk, own, url, [title], [reason], urls=pages, edit=f"{url}edit/")
    yield from asked(cast, table)


def written(cast: Cast, table: Roundtable) -> tuple[RecommendationVersion, str, str]:
    title, reason = mark(), mark()
    words = {"title_he": title, "title_en": title, "rationale_he": reason, "rationale_en": reason}
    return begin(by=cast.people["editor"], roundtable=table, slug=mark(), **words), title, reason


def asked(cast: Cast, table: Roundtable) -> Iterator[Probed]:
    """A version open to the network, with a comment and its answer."""
    version, title, reason = written(cast, table)
    convener, body, answer = cast.people["editor"], mark(), mark()
    day = timezone.localdate() + timedelta(days=20)
    consultation = consult.open_consultation(by=convener, version=version, until_on=day)
    told = {"paragraph": "rationale-1", "body": body, "language": "en"}
    comment = consult.comment(
        by=User.objects.get(pk=cast.people["manager"].pk), consultation=consultation, **told
    )
    consult.answer_comment(by=convener, comment=comment, outcome=Outcome.TAKEN, answer=answer)
    url = consultation.get_absolute_url()
    pages = [url, version.get_absolute_url(), f"{version.get_absolute_url()}changes/"]
    yield Probed("consultation", "network", consultation.pk, NETWORK, url, [title], [reason], urls=pages)
    yield Probed("comment", "network", comment.pk, NETWORK, url, [], [body, answer])
