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
        community, item = {"slug": self.community.slug}, {"slug": self.item.slug}
        topic, recommendation = {"pk": self.topic.pk}, {"slug": self.recommendation.slug}
        town = {"code": self.organisation.authority_id}
        places = [
            (("show_letter", "show_letter_body", "answer_trial_letter"), {"key": uuid.uuid4()}),
            (("take_mail", "take_tracking"), {"service": "postmark"}),
            (("send_piece", "continue_intake", "drop_intake"), {"key": uuid.uuid4()}),
            (("open_notice",), {"pk": 1}),
            (("settle_search",), {"pk": self.search.pk}),
            (("unsubscribe",), {"token": "forged"}),
            (OF_COMMUNITY, community),
            (OF_MEMBERSHIP, {**community, "pk": self.asked.pk}),
            (("greet_member", "write_note"), {**community, "pk": self.newcomer.pk}),
            (("take_back_invitation",), {**community, "pk": self.sent.pk}),
            (("show_community_invitation",), {"key": self.sent.key}),
            (OF_TOPIC, topic),
            (OF_CONSULTATION, {"pk": self.consultation.topic_id}),
            (("put_off_request", "answer_consent_from_mail"), {"token": "forged"}),
            (("offer_topic", "send_offer"), {"pk": self.offer.topic_id}),
            (("answer_consent",), {"pk": self.consent.pk}),
            (OF_POST, {"pk": self.post.pk}),
            (("show_proposal", "withdraw_proposal"), {"pk": self.proposal.pk}),
            (("serve_export",), {**community, "key": self.export.key}),
            (("serve_archive",), {"key": self.archive.key}),
            (("end_session",), {"key": self.device.key}),
            (("come_back",), {"token": "forged"}),
            (OF_WAITING, {"pk": self.waiting.pk}),
            (("serve_held_file",), {"pk": self.waiting.pk, "key": self.waiting_file.key}),
            (OF_MEETING, {"pk": self.meeting.pk}),
            (("answer_from_mail",), {"pk": self.meeting.pk, "token": "forged"}),
            (OF_HELD, {"pk": self.held.pk}),
            (("serve_minutes_file",), {"pk": self.held.pk, "key": self.slides.file.key}),
            (("edit_paragraph", "remark_paragraph"), {"pk": self.paragraph.pk}),
            (("answer_remark",), {"pk": self.remark.pk}),
            (("finish_task", "nudge_owner"), {"pk": self.task.pk}),
            (
                ("decide_item", "edit_agenda_item", "serve_agenda_paper"),
                {"pk": self.meeting.pk, "item": self.agenda_item.pk},
            ),
            (("serve_feed", "serve_own_feed"), {"token": "forged"}),
            (("serve_own_community_feed",), {"token": "forged", "slug": self.community.slug}),
            (("show_series", "end_series"), {"pk": self.series.pk}),
            (
                ("serve_post_file", "serve_post_preview", "read_post_file"),
                {**topic, "key": self.attachment.file.key},
            ),
            (("serve_post_page",), {**topic, "key": self.attachment.file.key, "number": 1}),
            (OF_ITEM, item),
            (("add_edition",), {**item, "language": "ar"}),
            (OF_REVISION, {**item, "number": self.revision.number}),
            (
                ("serve_item_file", "serve_item_preview", "read_item_file"),
                {**item, "key": self.file.file.key},
            ),
            (("serve_item_page",), {**item, "key": self.file.file.key, "number": 1}),
            (("serve_link_picture",), {**item, "pk": 1}),
            (("settle_tag",), {"pk": self.tag.pk}),
            (OF_COLLECTION, {"slug": self.collection.slug}),
            (("change_entry",), {"slug": self.collection.slug, "pk": self.collection.entries.get().pk}),
            (OF_ADAPTATION, {"pk": self.adaptation.pk}),
            (
                (
                    "report_adaptation_from_mail",
                    "confirm_item_from_mail",
                    "vouch_from_mail",
                    "put_call_aside",
                ),
                {"token": "forged"},
            ),
            (("answer_share",), {"pk": self.share.pk}),
            (("show_calls",), {"slug": self.organisation.slug}),
            (("answer_call",), {"slug": self.call.slug}),
            (("show_funding",), {"slug": self.funder.slug}),
            (("serve_funding_csv",), {"slug": self.funder.slug, "table": "overlaps"}),
            (("serve_citation",), {**item, "style": "bib"}),
            (OF_IMPORT, {"key": self.bulk.key}),
            (("mend_import_row",), {"key": self.bulk.key, "number": 2}),
            (("show_person", "serve_photo"), {"uuid": self.people["member"].uuid}),
            (OF_ROUNDTABLE, {"slug": self.recommendation.roundtable.slug}),
            (OF_SEAT, {"slug": self.recommendation.roundtable.slug, "pk": self.seat.pk}),
            (OF_CONTRIBUTION, {"slug": self.recommendation.roundtable.slug, "pk": self.contribution.pk}),
            (("draft_next",), recommendation),
            (
                ("scatter_contribution",),
                {**recommendation, "number": self.draft_version.number, "pk": self.contribution.pk},
            ),
            (OF_VERSION, {**recommendation, "number": self.draft_version.number}),
            (
                ("show_consultation", "comment_paragraph", "close_policy_consultation"),
                {"pk": self.comment.consultation_id},
            ),
            (
                ("answer_version_comment", "report_version_comment", "judge_comment"),
                {"pk": self.comment.consultation_id, "comment": self.comment.pk},
            ),
            (OF_RECOMMENDATION, recommendation),
            (("unlink_item",), {**recommendation, "pk": self.item.pk}),
            (OF_ENDORSEMENT, {"pk": self.endorsement.pk}),
            (("serve_evidence",), {"pk": self.report.pk}),
            (OF_APPLICATION, {"key": self.application.key}),
            (("fill_application",), {"key": self.draft.key, "step": "contact"}),
            (("discard_application",), {"key": self.draft.key}),
            (OF_TOKEN, {"token": "forged"}),
            (("join_team",), {"slug": self.organisation.slug}),
            (("accept_team_request", "decline_team_request"), {"key": self.team_request.key}),
            (("show_team",), {"slug": self.organisation.slug}),
            (("make_manager", "end_mandate"), {"slug": self.organisation.slug, "pk": self.mandate.pk}),
            (OF_INVITATION, {"key": self.invitation.key}),
            (
                (
                    "show_authority",
                    "show_picture",
                    "show_family",
                    "import_programmes",
                    "serve_programme_table",
                ),
                town,
            ),
            (("show_plan", "appoint_holder", "end_holding", "show_handover", "serve_handover_pdf"), town),
            (("take_seat",), {**town, "slug": self.community.slug}),
            (OF_CLUSTER, {"slug": self.share.endorsement.organisation.cluster.slug}),
            (("show_plan", "show_brief", "serve_brief_draft", "sign_brief"), town),
            (("serve_signed_brief",), {**town, "pk": self.brief.pk}),
            (("serve_recommendation_brief",), recommendation),
            (("serve_standing_brief",), {"slug": self.organisation.slug}),
            (("settle_plan_item",), {**town, "pk": self.planned.pk}),
            (("show_gap", "plan_gap"), {**town, "stage": "primary", "setting": "formal"}),
            (("show_figures", "copy_figures"), {**town, "year": 2026}),
            (OF_PROGRAMME, {"pk": self.programme.pk}),
            (("show_programme_figures",), {"pk": self.programme.pk, "year": 2026}),
            (OF_PROGRAMME_IMPORT, {**town, "key": self.carried.key}),
            (("mend_programme_row",), {**town, "key": self.carried.key, "number": 3}),
            (("show_organisation", "edit_organisation"), {"slug": self.organisation.slug}),
        ]
        return {name: arguments for names, arguments in places for name in names}


OF_APPLICATION = ("show_application", "answer_question", "withdraw_application", "resend_confirmation")
OF_TOKEN = ("open_application", "confirm_address", "confirm_team_request")
OF_INVITATION = ("show_invitation", "accept_team_invitation", "resend_invitation", "revoke_invitation")
OF_COMMUNITY = (
    "show_community",
    "choose_for_community",
    "edit_community",
    "join_community",
    "ask_to_join",
    "withdraw_request",
    "answer_invitation",
    "leave_community",
    "list_community_people",
    "invite_by_list",
    "introduce_members",
    "wish_introductions",
    "hand_over",
    "find_community_people",
    "open_topic",
    "open_consultation",
    "find_similar_topics",
    "show_community_library",
    "serve_community_feed",
    "export_community_items",
    "list_decisions",
    "look_at_day",
    "list_meetings",
    "plan_meeting",
    "show_community_calendar",
    "show_facilitation",
    "archive_community",
    "reopen_community",
    "show_exports",
)
OF_MEMBERSHIP = (
    "admit_member",
    "decline_member",
    "remove_member",
    "make_facilitator",
    "end_facilitation",
    "withdraw_invitation",
)
OF_TOPIC = ("show_topic", "choose_for_topic", "pin_topic", "lock_topic", "unaccept_answer")
OF_CONSULTATION = ("edit_case", "move_consultation", "ask_peers")
OF_MEETING = (
    *("show_meeting", "edit_meeting", "invite_to_meeting", "cancel_meeting", "vote_dates", "fix_date"),
    *("answer_meeting", "propose_item", "serve_meeting_entry"),
)
OF_HELD = (
    *("run_meeting", "close_meeting", "show_minutes", "send_minutes", "correct_minutes", "edit_papers"),
)
OF_WAITING = (
    *("show_held_post", "mend_held_post", "withdraw_held_post", "release_held_post", "return_held_post"),
)
OF_POST = (
    *("show_post", "edit_post", "show_history", "mark_helpful", "accept_answer", "hide_post", "unhide_post"),
    *("report_post", "close_reports"),
)
OF_ITEM = (
    "serve_item_pdf",
    *("show_item", "describe_files", "edit_item", "withdraw_item", "restore_item", "call_useful"),
    *("save_for_later", "adapt_item", "collect_item", "show_use", "confirm_item"),
)
OF_COLLECTION = (
    *(
        "show_collection",
        "serve_collection_feed",
        "edit_collection",
        "close_collection",
        "arrange_collection",
        "add_entry",
    ),
)
OF_ADAPTATION = ("show_adaptation", "report_adaptation", "give_up_adaptation")
OF_IMPORT = ("show_import", "replace_import_table", "confirm_import", "serve_import_report")
OF_REVISION = ("show_revision", "drop_changes", "review_revision", "show_changes", "serve_item_files")
OF_ROUNDTABLE = (
    *("show_roundtable", "show_workspace", "add_seat", "add_contribution", "gather_contributions"),
    "begin_draft",
)
OF_SEAT = ("edit_seat", "remove_seat")
OF_CONTRIBUTION = ("edit_contribution", "remove_contribution")
OF_VERSION = (
    *("show_version", "show_version_changes", "edit_version", "open_consultation_on", "adopt_version"),
    "withdraw_version",
)
OF_RECOMMENDATION = ("show_recommendation", "endorse_recommendation", "link_item", "find_item")
OF_ENDORSEMENT = (
    "show_endorsement",
    "answer_endorsement",
    "revoke_endorsement",
    "report_progress",
    "reconfirm_endorsement",
    "serve_signed_page",
)
OF_CLUSTER = ("show_cluster_picture", "serve_cluster_csv", "serve_cluster_json")
OF_PROGRAMME = ("show_programme", "edit_programme", "end_programme", "take_up_programme")
OF_PROGRAMME_IMPORT = ("show_programme_import", "confirm_programme_import", "serve_programme_report")
