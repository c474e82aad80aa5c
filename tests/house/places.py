"""What stands in each address when the things of the world are asked for."""

import uuid
from typing import Any

Row = tuple[tuple[str, ...], dict[str, Any]]


def arguments_of(world: Any) -> dict[str, dict[str, Any]]:
    """Name of an address → what stands in it."""
    rows: list[Row] = [
        *of_all(world),
        *of_communities(world),
        *of_library(world),
        *of_policy(world),
        *of_members(world),
    ]
    return {name: arguments for names, arguments in rows for name in names}


def of_all(world: Any) -> list[Row]:
    """What belongs to no room."""
    return [
        (("show_letter", "show_letter_body", "answer_trial_letter"), {"key": uuid.uuid4()}),
        (("take_mail", "take_tracking"), {"service": "postmark"}),
        (("send_piece", "continue_intake", "drop_intake"), {"key": uuid.uuid4()}),
        (("open_notice",), {"pk": 1}),
        (("settle_search",), {"pk": world.search.pk}),
        (("unsubscribe",), {"token": "forged"}),
    ]


def of_communities(world: Any) -> list[Row]:
    """Communities, what is said and where one meets."""
    community = {"slug": world.community.slug}
    topic = {"pk": world.topic.pk}
    return [
        (OF_COMMUNITY, community),
        (OF_MEMBERSHIP, {**community, "pk": world.asked.pk}),
        (("greet_member", "write_note"), {**community, "pk": world.newcomer.pk}),
        (("take_back_invitation",), {**community, "pk": world.sent.pk}),
        (("show_community_invitation",), {"key": world.sent.key}),
        (OF_TOPIC, topic),
        (OF_CONSULTATION, {"pk": world.consultation.topic_id}),
        (("put_off_request", "answer_consent_from_mail"), {"token": "forged"}),
        (("offer_topic", "send_offer"), {"pk": world.offer.topic_id}),
        (("answer_consent",), {"pk": world.consent.pk}),
        (OF_POST, {"pk": world.post.pk}),
        (("show_proposal", "withdraw_proposal"), {"pk": world.proposal.pk}),
        (("serve_export",), {**community, "key": world.export.key}),
        (("serve_archive",), {"key": world.archive.key}),
        (("end_session",), {"key": world.device.key}),
        (("come_back",), {"token": "forged"}),
        (OF_WAITING, {"pk": world.waiting.pk}),
        (("serve_held_file",), {"pk": world.waiting.pk, "key": world.waiting_file.key}),
        (OF_MEETING, {"pk": world.meeting.pk}),
        (("answer_from_mail",), {"pk": world.meeting.pk, "token": "forged"}),
        (OF_HELD, {"pk": world.held.pk}),
        (("serve_minutes_file",), {"pk": world.held.pk, "key": world.slides.file.key}),
        (("edit_paragraph", "remark_paragraph"), {"pk": world.paragraph.pk}),
        (("answer_remark",), {"pk": world.remark.pk}),
        (("finish_task", "nudge_owner"), {"pk": world.task.pk}),
        (
            ("decide_item", "edit_agenda_item", "serve_agenda_paper"),
            {"pk": world.meeting.pk, "item": world.agenda_item.pk},
        ),
        (("serve_feed", "serve_own_feed"), {"token": "forged"}),
        (("serve_own_community_feed",), {"token": "forged", "slug": world.community.slug}),
        (("show_series", "end_series"), {"pk": world.series.pk}),
        (
            ("serve_post_file", "serve_post_preview", "read_post_file"),
            {**topic, "key": world.attachment.file.key},
        ),
        (("serve_post_page",), {**topic, "key": world.attachment.file.key, "number": 1}),
    ]


def of_library(world: Any) -> list[Row]:
    """Items, collections, and what grows from them."""
    item = {"slug": world.item.slug}
    return [
        (OF_ITEM, item),
        (("add_edition",), {**item, "language": "ar"}),
        (OF_REVISION, {**item, "number": world.revision.number}),
        (
            ("serve_item_file", "serve_item_preview", "read_item_file"),
            {**item, "key": world.file.file.key},
        ),
        (("serve_item_page",), {**item, "key": world.file.file.key, "number": 1}),
        (("serve_link_picture",), {**item, "pk": 1}),
        (("settle_tag",), {"pk": world.tag.pk}),
        (OF_COLLECTION, {"slug": world.collection.slug}),
        (("change_entry",), {"slug": world.collection.slug, "pk": world.collection.entries.get().pk}),
        (OF_ADAPTATION, {"pk": world.adaptation.pk}),
        (
            (
                "report_adaptation_from_mail",
                "confirm_item_from_mail",
                "vouch_from_mail",
                "put_call_aside",
            ),
            {"token": "forged"},
        ),
        (("answer_share",), {"pk": world.share.pk}),
        (("show_calls",), {"slug": world.organisation.slug}),
        (("answer_call",), {"slug": world.call.slug}),
        (("show_funding",), {"slug": world.funder.slug}),
        (("serve_funding_csv",), {"slug": world.funder.slug, "table": "overlaps"}),
        (("serve_citation",), {**item, "style": "bib"}),
        (OF_IMPORT, {"key": world.bulk.key}),
        (("mend_import_row",), {"key": world.bulk.key, "number": 2}),
        (("show_person", "serve_photo"), {"uuid": world.people["member"].uuid}),
    ]


def of_policy(world: Any) -> list[Row]:
    """Recommendations and what is promised."""
    recommendation = {"slug": world.recommendation.slug}
    return [
        (OF_ROUNDTABLE, {"slug": world.recommendation.roundtable.slug}),
        (OF_SEAT, {"slug": world.recommendation.roundtable.slug, "pk": world.seat.pk}),
        (OF_CONTRIBUTION, {"slug": world.recommendation.roundtable.slug, "pk": world.contribution.pk}),
        (("draft_next",), recommendation),
        (
            ("scatter_contribution",),
            {**recommendation, "number": world.draft_version.number, "pk": world.contribution.pk},
        ),
        (OF_VERSION, {**recommendation, "number": world.draft_version.number}),
        (
            ("show_consultation", "comment_paragraph", "close_policy_consultation"),
            {"pk": world.comment.consultation_id},
        ),
        (
            ("answer_version_comment", "report_version_comment", "judge_comment"),
            {"pk": world.comment.consultation_id, "comment": world.comment.pk},
        ),
        (OF_RECOMMENDATION, recommendation),
        (("unlink_item",), {**recommendation, "pk": world.item.pk}),
        (OF_ENDORSEMENT, {"pk": world.endorsement.pk}),
        (("serve_evidence",), {"pk": world.report.pk}),
    ]


def of_members(world: Any) -> list[Row]:
    """Organisations, municipalities and what is told of them."""
    recommendation = {"slug": world.recommendation.slug}
    town = {"code": world.organisation.authority_id}
    return [
        (OF_APPLICATION, {"key": world.application.key}),
        (("fill_application",), {"key": world.draft.key, "step": "contact"}),
        (("discard_application",), {"key": world.draft.key}),
        (OF_TOKEN, {"token": "forged"}),
        (("join_team",), {"slug": world.organisation.slug}),
        (("accept_team_request", "decline_team_request"), {"key": world.team_request.key}),
        (("show_team",), {"slug": world.organisation.slug}),
        (("make_manager", "end_mandate"), {"slug": world.organisation.slug, "pk": world.mandate.pk}),
        (OF_INVITATION, {"key": world.invitation.key}),
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
        (("take_seat",), {**town, "slug": world.community.slug}),
        (OF_CLUSTER, {"slug": world.share.endorsement.organisation.cluster.slug}),
        (("show_plan", "show_brief", "serve_brief_draft", "sign_brief"), town),
        (("serve_signed_brief",), {**town, "pk": world.brief.pk}),
        (("serve_recommendation_brief",), recommendation),
        (("serve_standing_brief",), {"slug": world.organisation.slug}),
        (("settle_plan_item",), {**town, "pk": world.planned.pk}),
        (("show_gap", "plan_gap"), {**town, "stage": "primary", "setting": "formal"}),
        (("show_figures", "copy_figures"), {**town, "year": 2026}),
        (OF_PROGRAMME, {"pk": world.programme.pk}),
        (("show_programme_figures",), {"pk": world.programme.pk, "year": 2026}),
        (OF_PROGRAMME_IMPORT, {**town, "key": world.carried.key}),
        (("mend_programme_row",), {**town, "key": world.carried.key, "number": 3}),
        (("show_organisation", "edit_organisation"), {"slug": world.organisation.slug}),
    ]


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
