"""A small network that everybody may see, and what can be kept from its readers: one function for each thing.

Each secret is made on the same ground, so that a site with it and a site without it differ in nothing else.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.utils import timezone

from communities.enums import Access, MinutesState
from communities.models import Greeting, HeldFile, MinutesFile, Note
from knowledge.enums import RevisionState, Shown
from knowledge.models import Follow, Intake, Useful
from members.enums import OrganisationType
from munistem.commons.audit.actions import key
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import Visibility
from munistem.commons.reports.models import Report, Why
from policy.enums import EndorsementState, VersionState
from policy.models import CallNote, ProgressReport
from tests.commons.factories import make_search
from tests.communities.factories import (
    make_agenda_item,
    make_attachment,
    make_community,
    make_community_invitation,
    make_consultation,
    make_decision,
    make_held,
    make_held_meeting,
    make_invitee,
    make_meeting,
    make_membership,
    make_minutes,
    make_peer_request,
    make_post,
    make_proposal,
    make_task,
    make_topic,
)
from tests.knowledge.factories import (
    make_adaptation,
    make_collection,
    make_consent,
    make_export,
    make_file,
    make_import,
    make_item,
    make_offer,
    make_revision,
)
from tests.members.factories import (
    make_admin,
    make_application,
    make_cluster,
    make_invitation,
    make_member,
    make_municipality,
    make_organisation,
    make_representative,
    make_team_request,
    make_user,
)
from tests.policy import factories as policy
from tests.policy.calls import make_call
from tests.policy.programmes import (
    make_figure,
    make_plan_item,
    make_programme,
    make_programme_import,
)


class Ground:
    """What is there in both worlds: people, their organisations, and one public thing of each kind."""

    def __init__(self) -> None:
        self.admin, self.editor = make_admin(), make_user(is_knowledge_manager=True)
        self.town = make_municipality()
        self.manager = make_representative(organisation=self.town, is_manager=True).person
        self.author, self.facilitator, self.outsider = make_member(), make_member(), make_member()
        self.registered = make_user()
        self.cluster = make_organisation(type=OrganisationType.CLUSTER, cluster=make_cluster())
        self.open, self.request = (make_community(access=one) for one in (Access.OPEN, Access.REQUEST))
        for community in (self.open, self.request):
            make_membership(community, self.author)
            make_membership(community, self.facilitator, is_facilitator=True)
        self.topic = make_topic(self.open, self.author)
        self.answer = make_post(self.topic, self.facilitator)
        self.held, self.held_before = (
            make_held_meeting(
                self.open,
                self.facilitator,
                state="closed",
                closed_at=timezone.now(),
                closed_by=self.facilitator,
            )
            for _each in range(2)
        )
        self.item = make_item(created_by=self.author, decided_by=self.editor)
        Useful.objects.create(item=self.item, person=self.facilitator)
        self.collection = make_collection(self.item, created_by=self.manager)
        self.recommendation = policy.make_recommendation()
        self.second = policy.make_recommendation()
        self.endorsement = self.endorsed(self.recommendation)
        self.joint = self.endorsed(self.second, self.cluster)
        self.report = policy.make_report(self.endorsement)
        self.inner_report = policy.make_report(self.endorsement, for_network=["body"], body="All is well")
        self.programme = make_programme(self.town)
        self.inner = make_programme(self.town, visibility=Visibility.NETWORK)

    def endorsed(self, recommendation: Any, organisation: Any = None, **fields: Any) -> Any:
        decided = {"answered_by": self.admin} if "state" not in fields else {}
        return policy.make_endorsement(
            organisation or self.town, recommendation, submitted_by=self.manager, **decided, **fields
        )


# What neither a visitor nor a member of another organisation may know of ----------------------------------


def closed_community(ground: Ground) -> None:
    """A community with everything that can be in one."""
    community = make_community(access=Access.CLOSED)
    make_membership(community, ground.author)
    make_membership(community, ground.facilitator, is_facilitator=True)
    filled(ground, community)


def filled(ground: Ground, community: Any) -> None:
    """What members have among themselves; of a community by request it is as secret as of a closed one."""
    topic = make_topic(community, ground.author)
    make_attachment(make_post(topic, ground.facilitator))
    case = make_consultation(community, ground.facilitator)
    meeting = make_meeting(community, ground.facilitator)
    make_invitee(meeting, ground.author)
    make_agenda_item(meeting)
    item = make_item(
        visibility=Visibility.COMMUNITY,
        community=community,
        created_by=ground.author,
        decided_by=ground.editor,
    )
    make_file(item.published)
    make_collection(item, visibility=Visibility.COMMUNITY, community=community, created_by=ground.manager)
    recorded(ground, community)
    led(ground, community)
    if community.access == Access.CLOSED:  # nobody is asked twice a month
        make_peer_request(case, ground.author)
        offer = make_offer(topic)
        make_consent(offer, ground.facilitator)


def recorded(ground: Ground, community: Any) -> None:
    """Approved minutes of one meeting and a draft of another's."""
    minuted(ground, make_held_meeting(community, ground.facilitator))
    make_minutes(make_held_meeting(community, ground.facilitator), MinutesState.APPROVED)


def minuted(ground: Ground, meeting: Any) -> None:
    """A draft with a decision, a task and a paper."""
    minutes = make_minutes(meeting, MinutesState.DRAFT)
    MinutesFile.objects.create(minutes=minutes, file=policy.make_signed_page(ground.facilitator))
    make_decision(meeting)
    make_task(meeting, ground.author)


def led(ground: Ground, community: Any) -> None:
    """What facilitators alone see and send."""
    held = make_held(community, ground.author)
    HeldFile.objects.create(held=held, file=policy.make_signed_page(ground.author))
    make_meeting(community, ground.facilitator, state="draft")
    make_export(community, ground.facilitator)
    make_community_invitation(community, invited_by=ground.facilitator)
    membership = community.memberships.get(person=ground.author)
    Note.objects.create(membership=membership, text="Come back", sent_by=ground.facilitator)
    Greeting.objects.get_or_create(
        membership=membership, defaults={"text": "Welcome", "sent_by": ground.facilitator}
    )


def request_community(ground: Ground) -> None:
    filled(ground, ground.request)


def open_community(ground: Ground) -> None:
    """Of an open community: what waits, what is hidden, records, and what facilitators do."""
    minuted(ground, ground.held)
    make_minutes(ground.held_before, MinutesState.APPROVED)
    led(ground, ground.open)
    hidden = {"hidden_at": timezone.now(), "hidden_by": ground.admin, "hidden_reason": "Rude"}
    make_topic(ground.open, ground.author, **hidden)
    make_held(topic=ground.topic, author=ground.author)


def history(ground: Ground) -> None:
    """What an item said before; an open post's history is everybody's."""
    item = ground.item
    make_revision(item, RevisionState.SUBMITTED, created_by=ground.author, title="Not yet")


def drafts(ground: Ground) -> None:
    for state in (RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.RETURNED):
        make_file(make_item(state, created_by=ground.author, **by_editor(ground, state)).revisions.get())
    inner = {"visibility": Visibility.NETWORK}  # one that was public is told to harvesters as taken out
    make_item(withdrawn=True, created_by=ground.author, decided_by=ground.editor, **inner)


def by_editor(ground: Ground, state: str) -> dict[str, Any]:
    return {"decided_by": ground.editor} if state == RevisionState.RETURNED else {}


def shelves(ground: Ground) -> None:
    """A closed collection, an adaptation for nobody, what people keep and follow, and what they said."""
    closed = {"closed_at": timezone.now(), "closed_by": ground.manager}
    make_collection(ground.item, created_by=ground.manager, **closed)
    make_adaptation(ground.item, ground.manager, organisation=ground.town, shown=Shown.NOBODY)
    Useful.objects.filter(item=ground.item).update(note="It worked")
    Follow.objects.create(person=ground.author, kind="stage", value="primary")
    Intake.objects.create(person=ground.author, link="https://secret.example/")
    make_import(ground.manager)


def unsaid_policy(ground: Ground) -> None:
    """A roundtable and its recommendation that are not published, and what is prepared at a published one."""
    table = policy.make_roundtable(is_published=False)
    policy.make_recommendation(roundtable=table, is_published=False)
    draft = policy.make_version(ground.recommendation)
    seat = policy.make_seat(ground.recommendation.roundtable)
    said = policy.make_contribution(ground.recommendation.roundtable, seat=seat, recorded_by=ground.admin)
    policy.make_source(draft, said)


def answers(ground: Ground) -> None:
    """What a municipality sent and nobody confirmed; a share that waits; a note on a call to it."""
    ground.endorsed(ground.second, state=EndorsementState.WAITING)
    policy.make_share(ground.town, ground.joint)
    CallNote.objects.create(organisation=ground.town, text="Called", nonce=uuid4(), written_by=ground.admin)


def town(ground: Ground) -> None:
    """What a municipality has for itself."""
    authority = ground.town.authority
    make_plan_item(ground.manager, authority)
    make_programme_import(ground.manager, authority)
    make_figure(ground.inner, current_school_year(), participants=345)
    make_team_request(ground.town)
    make_invitation(ground.town, invited_by=ground.manager)


def doors(ground: Ground) -> None:
    """Who is on the way in, and what waits on desks."""
    make_application()
    make_user(name="Nobody yet")
    make_organisation(left_on=timezone.localdate())
    make_proposal(ground.manager)
    make_search()
    Report.objects.create(
        subject=key(ground.answer), url="/", why=Why.OTHER, note="Look", reporter=ground.author
    )


#: Name → what makes it; none of it is for a visitor, a registered person or a member of another organisation.
SECRETS: dict[str, Callable[[Ground], None]] = {
    one.__name__: one
    for one in (
        *(closed_community, request_community, open_community, history, drafts, shelves),
        *(unsaid_policy, answers, town, doors),
    )
}


# What the network sees and a visitor does not --------------------------------------------------------------


def network(ground: Ground) -> None:
    """One thing of each kind that is for the network."""
    item = make_item(visibility=Visibility.NETWORK, created_by=ground.author, decided_by=ground.editor)
    make_file(item.published)
    make_collection(item, visibility=Visibility.NETWORK, created_by=ground.manager)
    make_adaptation(ground.item, ground.manager, organisation=ground.cluster, shown=Shown.NETWORK)
    make_call(visibility=Visibility.NETWORK, created_by=ground.manager, decided_by=ground.editor)
    make_programme(ground.town, visibility=Visibility.NETWORK)
    version = policy.make_version(ground.recommendation, VersionState.CONSULTATION)
    consultation = policy.make_consultation(version, opened_by=ground.admin)
    policy.make_comment(consultation, written_by=ground.manager)


def inner_words(ground: Ground) -> None:
    """What a field of a report says that is for the network; that there is a report is everybody's."""
    ProgressReport.objects.filter(pk=ground.inner_report.pk).update(body="Nothing went as planned")
