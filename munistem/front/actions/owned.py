"""All that is kept about one person: which tables hold it, and under which name it goes along."""

from typing import Any

from communities.models import (
    AgendaItem,
    CommunityInvitation,
    DateVote,
    HeldPost,
    Helpful,
    Invitee,
    Membership,
    PeerRequest,
    Post,
    Remark,
    Task,
)
from knowledge.models import (
    Adaptation,
    BulkImport,
    BulkRow,
    Collection,
    Consent,
    Follow,
    Intake,
    IntakeFile,
    Revision,
    Saved,
    Useful,
)
from knowledge.models.adaptation import QUESTIONS
from members.models import (
    Application,
    Departure,
    Device,
    Invitation,
    Representative,
    RoleHolding,
    TeamRequest,
)
from munistem.commons.files.models import StoredFile
from munistem.commons.files.resumable.models import Upload
from munistem.commons.notices.models import Choice, Notice
from munistem.commons.reports.models import Report
from policy.models import (
    BriefSignOff,
    CallChoice,
    CallReminder,
    ConsultationComment,
    Endorsement,
    PlanItem,
    ProgressReport,
    RoundtableSeat,
)

#: Name of a file → table, column of the person, columns told.
OWN: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "mandates": (
        Representative,
        "person",
        ("organisation__name_he", "organisation__slug", "role", "is_manager", "from_on", "until_on"),
    ),
    "roles": (RoleHolding, "person", ("authority__name_he", "since_on", "until_on", "reason")),
    "memberships": (
        Membership,
        "person",
        ("community__name", "community__slug", "state", "is_facilitator", "note", "since"),
    ),
    "meetings": (
        Invitee,
        "person",
        ("meeting__title", "meeting__starts_at", "answer", "substitute_name", "answered_at", "attended"),
    ),
    "agenda_lines": (
        AgendaItem,
        "proposed_by",
        ("meeting__title", "title", "reading", "state", "created_at"),
    ),
    "minutes_remarks": (
        Remark,
        "author",
        ("paragraph__minutes__meeting__title", "body", "answer", "created_at"),
    ),
    "tasks": (Task, "owner", ("community__name", "meeting__title", "text", "due_on", "done_at")),
    "work_plan": (
        PlanItem,
        "owner",
        (
            *("authority__name_he", "life_stage", "setting", "gap", "what", "due_on"),
            *("state", "reason", "created_at", "settled_at"),
        ),
    ),
    "signed_briefs": (
        BriefSignOff,
        "signed_by",
        ("authority__name_he", "year", "edition", "asks", "signed_at"),
    ),
    "date_votes": (DateVote, "person", ("option__meeting__title", "option__starts_at", "vote")),
    "posts": (
        Post,
        "author",
        ("topic_id", "topic__title", "number", "body", "created_at", "edited_at", "helpful_count"),
    ),
    "texts_before_release": (
        HeldPost,
        "author",
        ("topic_id", "post_id", "title", "body", "state", "reason", "created_at", "decided_at"),
    ),
    "asked_for_advice": (
        PeerRequest,
        "person",
        ("consultation__topic__title", "asked_by__name", "line", "asked_at", "put_off_at"),
    ),
    "consents": (
        Consent,
        "person",
        ("offer__item__slug", "quote", "role", "place", "answer", "asked_at", "answered_at"),
    ),
    "helpful_marks": (Helpful, "person", ("post_id", "marked_at")),
    "useful_items": (Useful, "person", ("item__slug", "benefit", "note", "marked_at")),
    "saved_items": (Saved, "person", ("item__slug", "saved_at")),
    "follows": (Follow, "person", ("kind", "value", "followed_at")),
    "calls": (CallChoice, "person", ("item__slug", "wish", "said_at")),
    "reminders_of_calls": (CallReminder, "person", ("item__slug", "step", "deadline", "reminded_at")),
    "collections": (Collection, "created_by", ("slug", "title", "text", "visibility", "created_at")),
    "adaptations": (
        Adaptation,
        "begun_by",
        ("item__slug", "organisation__name_he", "purpose", *QUESTIONS, "begun_at", "reported_at"),
    ),
    "items": (
        Revision,
        "created_by",
        (
            *("item__slug", "number", "state", "title", "summary", "body", "kind", "language"),
            *("licence", "contact", "created_at", "changed_at"),
        ),
    ),
    "begun_items": (Intake, "person", ("key", "link", "made_at")),
    "begun_items_files": (IntakeFile, "intake__person", ("intake__key", "file__name", "position")),
    "imports": (
        BulkImport,
        "made_by",
        (
            *("key", "table_name", "archive_name", "state", "organisation__name_he", "language"),
            *("visibility", "submits", "made_at", "confirmed_at", "finished_at", "expires_at"),
        ),
    ),
    "import_rows": (
        BulkRow,
        "bulk__made_by",
        ("bulk__key", "number", "identifier", "told", "is_left_out", "item__slug"),
    ),
    "files_on_their_way": (Upload, "person", ("name", "size", "received", "started_at", "touched_at")),
    "answers": (
        Endorsement,
        "submitted_by",
        (
            *("recommendation__title_he", "organisation__name_he", "stance", "mandate", "decided_on"),
            *("explanation", "state", "submitted_at"),
        ),
    ),
    "comments_on_drafts": (
        ConsultationComment,
        "written_by",
        ("consultation_id", "paragraph", "body", "language", "written_at", "outcome", "answer"),
    ),
    "seats_at_roundtables": (
        RoundtableSeat,
        "person",
        (
            *(
                "roundtable__title_he",
                "name",
                "organisation__name_he",
                "table",
                "gender",
                "sector",
                "district",
            ),
            *("language", "role", "invited_on", "answer", "was_present"),
        ),
    ),
    "progress_reports": (
        ProgressReport,
        "reported_by",
        ("endorsement_id", "status", "body", "evidence_url", "reported_at"),
    ),
    "files": (StoredFile, "uploaded_by", ("key", "name", "content_type", "size", "uploaded_at")),
    "notices": (
        Notice,
        "reader",
        ("event__kind", "event__data", "event__happened_at", "read_at", "mailed_at"),
    ),
    "choices": (Choice, "person", ("scope", "family", "rhythm")),
    "reports": (Report, "reporter", ("url", "why", "note")),
    "devices": (Device, "person", ("browser", "system", "first_at", "seen_at")),
    "departures": (Departure, "person", ("signature", "asked_at", "due_at", "returned_at")),
    "invitations_sent": (
        Invitation,
        "invited_by",
        ("organisation__name_he", "email", "name", "role", "invited_at", "accepted_at"),
    ),
}
#: The same for what knows the person by address alone.
OF_ADDRESS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "applications": (
        Application,
        (
            *("state", "type", "organisation_name", "contact_name", "email", "phone", "role", "motive"),
            *("created_at", "submitted_at"),
        ),
    ),
    "community_invitations": (
        CommunityInvitation,
        ("community__name", "name", "email", "text", "state", "invited_at", "ended_at"),
    ),
    "team_requests": (
        TeamRequest,
        ("organisation__name_he", "name", "email", "role", "note", "state", "created_at"),
    ),
}


def kept_about(user: Any) -> dict[str, Any]:
    """Name of a file → the rows in it, as plain values."""
    kept = {
        name: model.objects.filter(**{owner: user}).values(*columns)
        for name, (model, owner, columns) in OWN.items()
    }
    for name, (model, columns) in OF_ADDRESS.items():
        kept[name] = model.objects.filter(email__iexact=user.email).values(*columns)
    return kept


def profile_of(user: Any) -> dict[str, Any]:
    """What a person tells of themself, as plain values."""
    fields = (
        "uuid",
        "email",
        "name",
        "language",
        "role_title",
        "about",
        "ask_me_about",
        "languages",
        "phone",
    )
    told = {field: getattr(user, field) for field in (*fields, "is_email_shown", "joined_at", "seen_at")}
    return {**told, "topics": [term.label for term in user.topics.all()]}
