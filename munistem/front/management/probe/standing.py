"""What is known of a municipality inside the network: its share in a joint endorsement, and a note on a call to it."""

from collections.abc import Iterator
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from members.enums import OrganisationType
from members.models import RegionalCluster
from munistem.front.management.probe.marks import Probed, file, mark
from munistem.front.management.probe.roles import Cast
from policy.enums import EndorsementState, Mandate, Stance
from policy.models import CallNote, Endorsement, EndorsementShare, Recommendation


def standing(cast: Cast, recommendation: Recommendation) -> Iterator[Probed]:
    yield share(cast, recommendation)
    yield note(cast)


def share(cast: Cast, recommendation: Recommendation) -> Probed:
    """A share that waits for the town's answer; it says nothing in words, so it carries no marks."""
    region = RegionalCluster.objects.create(slug="probe-region", name_he="אשכול הבדיקה")
    cluster = cast.organisation("cluster", OrganisationType.CLUSTER, cluster=region)
    signed, _marks = file(cast.people["admin"])
    joint = Endorsement.objects.create(
        recommendation=recommendation,
        version=recommendation.current_version,
        organisation=cluster,
        stance=Stance.ENDORSES,
        mandate=Mandate.COUNCIL,
        decided_on=timezone.localdate(),
        signed_page=signed,
        state=EndorsementState.CONFIRMED,
        submitted_by=cast.people["admin"],
        answered_at=timezone.now(),
        answered_by=cast.people["admin"],
    )
    row = EndorsementShare.objects.create(endorsement=joint, organisation=cast.town)
    return Probed(
        "endorsement share", "waiting", row.pk, ["member", "manager"], reverse("answer_share", args=[row.pk])
    )


def note(cast: Cast) -> Probed:
    """For facilitators and admins."""
    text = mark()
    row = CallNote.objects.create(
        organisation=cast.town, text=text, nonce=uuid4(), written_by=cast.people["facilitator"]
    )
    detail, urls = reverse("show_calls", args=[cast.town.slug]), [reverse("list_silent")]
    return Probed("call note", "facilitators", row.pk, ["facilitator", "admin"], detail, [text], urls=urls)
