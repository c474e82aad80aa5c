"""One of each thing and a person of each role, for the tests that ask every address."""

import uuid
from typing import Any

from django.core.files.base import ContentFile

from communities.enums import Access, MembershipState
from communities.models import MinutesFile, Remark
from knowledge.enums import RevisionState
from members.enums import ApplicationState, OrganisationType
from munistem.commons.enums import Visibility
from munistem.commons.files.models import FilePage
from munistem.commons.terms.models import TermKind
from policy.enums import EndorsementState
from tests.commons.factories import make_search
from tests.communities.factories import (
    make_agenda_item,
    make_attachment,
    make_community,
    make_community_invitation,
    make_consultation,
    make_facilitator,
    make_held,
    make_held_meeting,
    make_invitee,
    make_meeting,
    make_membership,
    make_minutes,
    make_proposal,
    make_series,
    make_task,
    make_topic,
)
from tests.house.places import arguments_of
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
    make_term,
)
from tests.members.factories import (
    make_admin,
    make_application,
    make_archive,
    make_device,
    make_holding,
    make_invitation,
    make_municipality,
    make_organisation,
    make_representative,
    make_team_request,
    make_user,
)
from tests.policy.calls import make_call
from tests.policy.factories import (
    make_comment,
    make_contribution,
    make_endorsement,
    make_link,
    make_report,
    make_seat,
    make_share,
    make_signed_page,
    make_version,
)
from tests.policy.programmes import (
    make_figure,
    make_plan_item,
    make_programme,
    make_programme_import,
    make_school,
    make_signed_brief,
)


class World:
    """One of each thing, and a person of each role."""

    def __init__(self) -> None:
        self.organisation = make_municipality()
        self.community = make_community(access=Access.REQUEST)
        self.application = make_application(state=ApplicationState.QUESTION)
        self.people: dict[str, Any] = {
            "applicant": make_user(email=self.application.email),
            "member": make_representative().person,
            "cmember": make_membership(self.community).person,
            "facilitator": make_facilitator(self.community),
            "manager": make_representative(organisation=self.organisation, is_manager=True).person,
            "knowledge": make_user(is_knowledge_manager=True),
            "admin": make_admin(),
            "deactivated": make_user(is_active=False),
        }
        self.mandate = make_representative(organisation=self.organisation)
        self.invitation = make_invitation(self.organisation)
        self.topic = make_topic(self.community)
        self.post = self.topic.posts.get()
        self.attachment = make_attachment(self.post)
        self.attachment.file.blob.save("plan", ContentFile(b"words"))
        self.consultation = make_consultation(self.community, self.people["cmember"])
        self.waiting = make_held(self.community, self.people["cmember"], file_name="waiting.txt")
        self.waiting_file = self.waiting.files.get().file
        self.waiting_file.blob.save("waiting", ContentFile(b"words"))
        self.proposal = make_proposal(self.people["cmember"])
        self.export = make_export(self.community, self.people["facilitator"])
        self.archive, self.device = make_archive(self.people["cmember"]), make_device(self.people["cmember"])
        self.asked = make_membership(self.community, state=MembershipState.ASKED)
        self.newcomer = make_membership(self.community)
        self.sent = make_community_invitation(self.community, invited_by=self.people["facilitator"])
        self.series = make_series(self.community)
        self.meeting = make_meeting(self.community, self.people["facilitator"], series=self.series)
        paper = make_attachment(self.post).file
        paper.post_attachment.delete()
        paper.blob.save("paper", ContentFile(b"words"))
        self.agenda_item = make_agenda_item(self.meeting, paper=paper)
        self.held = make_held_meeting(self.community, self.people["facilitator"])
        make_invitee(self.held, self.people["cmember"], attended=True)
        self.minutes = make_minutes(self.held, "sent")
        self.paragraph = self.minutes.paragraphs.get(kind="text")
        self.remark = Remark.objects.create(
            paragraph=self.paragraph, author=self.people["cmember"], body="Four.", nonce=uuid.uuid4()
        )
        slides = make_attachment(self.post).file
        slides.post_attachment.delete()
        slides.blob.save("slides", ContentFile(b"words"))
        self.slides = MinutesFile.objects.create(minutes=self.minutes, file=slides)
        self.task = make_task(self.held, self.people["cmember"])
        self.item = make_item(visibility=Visibility.NETWORK, organisation=self.organisation)
        self.offer = make_offer(make_topic(self.community, self.people["facilitator"]))
        self.consent = make_consent(self.offer, self.people["cmember"])
        self.file = make_file(self.item.published)
        page = FilePage(file=self.file.file, number=1, width=10, height=14)
        page.picture.save("page", ContentFile(b"picture"), save=True)
        self.bulk = make_import(self.people["manager"])
        self.revision = make_revision(self.item, RevisionState.SUBMITTED)
        self.collection = make_collection(self.item, visibility=Visibility.NETWORK)
        self.adaptation = make_adaptation(self.item)
        self.tag = make_term(is_curated=False, kind=TermKind.FREE)
        self.endorsement = make_endorsement(self.organisation, state=EndorsementState.WAITING)
        self.recommendation = self.endorsement.recommendation
        make_link(self.recommendation, self.item)
        self.draft_version = make_version(self.recommendation)
        roundtable = self.recommendation.roundtable
        self.seat, self.contribution = make_seat(roundtable), make_contribution(roundtable)
        self.comment = make_comment()
        self.draft = make_application(state=ApplicationState.DRAFT, description="We teach.")
        self.team_request = make_team_request(self.organisation)
        self.search = make_search()
        in_force = make_endorsement(self.organisation)
        self.share = make_share(organisation=self.organisation)
        self.programme = make_programme(
            self.organisation, visibility=Visibility.NETWORK, funders=[self.organisation, "Somebody"]
        )
        make_school(self.programme)
        make_figure(self.programme, participants=30)
        self.call = make_call(days=30_000, visibility=Visibility.NETWORK)
        self.funder = make_organisation(type=OrganisationType.FOUNDATION)
        self.planned = make_plan_item(self.people["manager"], self.organisation.authority)
        self.holding = make_holding(self.organisation.authority, self.mandate.person)
        self.brief = make_signed_brief(self.people["manager"], self.organisation.authority)
        self.carried = make_programme_import(self.people["manager"], self.organisation.authority)
        self.report = make_report(in_force, evidence=make_signed_page(self.people["manager"]))

    def arguments(self) -> dict[str, dict[str, Any]]:
        """Name of an address → what stands in it."""
        return arguments_of(self)
