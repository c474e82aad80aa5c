"""Writing: an item begins with a draft; a change of what is published is a next revision, and the old one stays public."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from knowledge import emails, rules
from knowledge.actions.cards import ask_for_cards
from knowledge.actions.keep import lock
from knowledge.actions.tags import terms_for
from knowledge.enums import RevisionState
from knowledge.models import Item, Revision, RevisionFile, RevisionLink, RevisionTerm
from members.models import Organisation
from munistem.commons import audit
from munistem.commons.enums import Language
from munistem.commons.files.actions import discard, store
from munistem.commons.files.models import StoredFile
from munistem.commons.text.slugs import free_slug

#: Words that stand for pages of the library itself.
TAKEN_SLUGS = {
    "new",
    "similar",
    "mine",
    "collections",
    "search",
    "tags",
    "feed",
    "import",
    "export",
    "review",
}
#: Fields of a revision that the form gives as they are.
PLAIN = (
    *("title", "summary", "body", "kind", "language", "visibility", "community", "life_stages", "settings"),
    *("authority", "region", "year", "audience", "details", "privacy", "licence", "contact", "valid_until"),
    "change_note",
)
MOST_FILES = 30


class TooLate(Exception):
    """Meanwhile the thing is in a state in which this cannot be done."""


class StaleEdit(Exception):
    """Someone else saved or decided since the form or page was opened."""


class Unanswered(Exception):
    """Before review its author says whether it shows personal details or faces of children."""


class TooManyFiles(Exception):
    """A revision would hold more than MOST_FILES files."""


@transaction.atomic
def start_item(
    *,
    by: Any,
    content: Mapping[str, Any],
    organisation: Organisation | None = None,
    files: Iterable[Any] = (),
    submits: bool = False,
    nonce: UUID | None = None,
    edition_of: Item | None = None,
    rule: Callable[[Any], bool] = rules.can_add_item,
) -> Item:
    """Begin an item with its first revision, as a draft or (``submits``) sent for review. A form sent twice makes one.

    content: of the revision by field (see PLAIN), plus ``terms`` (curated ones), ``tags`` (free words), ``links`` (pairs
    of address and title); files: uploaded ones; edition_of: the item of which this is one in
    another language; rule: who may. Raises TooLate for who may not (any more), and for a language that is taken.
    """
    get_user_model().objects.select_for_update(no_key=True).get(
        pk=by.pk
    )  # one form of a person after the other
    if known := Item.objects.filter(nonce=nonce, created_by=by).first() if nonce else None:
        return known
    if not rule(by):
        raise TooLate
    if edition_of is not None:
        edition_of = lock(edition_of)
        if not rules.can_add_edition(by, edition_of) or is_written(edition_of, str(content["language"])):
            raise TooLate
    visibility, community = content.get("visibility"), content.get("community")
    item = _new_item(
        str(content["title"]),
        created_by=by,
        organisation=organisation,
        nonce=nonce if nonce and not Item.objects.filter(nonce=nonce).exists() else uuid4(),
        **({"visibility": visibility} if visibility else {}),
        language=content.get("language") or Language.HE,
        community=community,
        edition_of=edition_of,
    )
    revision = Revision(item=item, number=1, created_by=by)
    _write(revision, by=by, content=content, files=files, nonce=nonce)
    audit.record("start_item", item, by=by, title=revision.title)
    if submits:
        submit(revision, by=by)
    return item


def is_written(item: Item, language: str) -> bool:
    """Whether another item of the same work is in this language, or on its way to be."""
    return Item.objects.of_work(item).exclude(pk=item.pk).filter(language=language).exists() or (
        item.edition_of_id is None and item.published_id is not None and item.language == language
    )


def _new_item(title: str, **fields: Any) -> Item:
    """A row under a slug of its own, even when another item of the same title begins at the same moment."""
    slug = free_slug(Item, title)
    for _attempt in range(3):
        if slug in TAKEN_SLUGS:
            slug = f"{slug}-1"
        try:
            with transaction.atomic():
                return Item.objects.create(slug=slug, **fields)
        except IntegrityError:
            slug = f"{free_slug(Item, title)[:60]}-{uuid4().hex[:6]}"
    return Item.objects.create(slug=uuid4().hex, **fields)


@transaction.atomic
def save_item(
    *,
    by: Any,
    item: Item,
    content: Mapping[str, Any],
    seen: str,
    organisation: Organisation | None = None,
    files: Iterable[Any] = (),
    dropped: Iterable[int] = (),
    submits: bool = False,
    nonce: UUID | None = None,
) -> Revision:
    """Save what an item shall say: in its open revision, else in a next one; what is published stays as it is.

    seen: marker of the revision the form was made from; organisation: counts while nothing is published;
    dropped: keys of the RevisionFile rows to leave out; the others are carried over. A form sent twice counts once.
    Raises StaleEdit when someone saved or decided in between, TooLate when the item may not be changed.
    """
    item = lock(item)
    if not rules.can_edit_item(by, item):
        raise TooLate
    open_ = item.revisions.open().first()
    base: Any = open_ or item.published
    if open_ and nonce and open_.nonce == nonce:
        return open_
    if base is None or base.marker != seen:
        raise StaleEdit
    if (
        "language" in content
        and content["language"] != item.language
        and is_written(item, content["language"])
    ):
        raise TooLate
    revision = open_ or _next(base, by=by)
    kept = list(base.files.exclude(pk__in=list(dropped)).order_by("position", "pk"))
    _write(revision, by=by, content=content, kept=kept, files=files, nonce=nonce)
    if item.published_id is None:
        item.visibility, item.community, item.language = (
            revision.visibility,
            revision.community,
            revision.language,
        )
        item.organisation = organisation
        item.save(update_fields=["visibility", "community", "organisation", "language"])
    audit.record("save_revision", revision, by=by, version=revision.version)
    if submits:
        submit(revision, by=by)
    elif revision.state == RevisionState.SUBMITTED and by.pk in (item.created_by_id, revision.created_by_id):
        _take_back(revision, by=by)
    return revision


def _next(base: Revision, *, by: Any) -> Revision:
    item = base.item
    last = item.revisions.aggregate(last=Max("number"))["last"]
    return Revision(item=item, number=last + 1, created_by=by)


def _write(
    revision: Revision,
    *,
    by: Any,
    content: Mapping[str, Any],
    kept: Iterable[RevisionFile] = (),
    files: Iterable[Any] = (),
    nonce: UUID | None = None,
) -> None:
    """Fill a revision: fields, tags, links, and files (those kept of what came before, then new ones)."""
    kept, files = list(kept), list(files)
    if len(kept) + len(files) > MOST_FILES:
        raise TooManyFiles
    for field in PLAIN:
        if field in content:
            setattr(revision, field, content[field])
    revision.version = revision.version + 1 if revision.pk else 1
    revision.nonce, revision.changed_at = nonce, timezone.now()
    revision.save()
    _write_terms(revision, content)
    if "links" in content:
        revision.links.all().delete()
        RevisionLink.objects.bulk_create(
            RevisionLink(revision=revision, url=url, title=title, position=place)
            for place, (url, title) in enumerate(content["links"])
        )
    ask_for_cards(revision, by=by)
    _write_files(revision, kept, files, by=by)


def _write_terms(revision: Revision, content: Mapping[str, Any]) -> None:
    wanted = {term.pk: term for term in [*content.get("terms", ()), *terms_for(content.get("tags", ()))]}
    revision.revision_terms.all().delete()
    RevisionTerm.objects.bulk_create(
        RevisionTerm(content_object=revision, tag=term) for term in wanted.values()
    )


def _write_files(revision: Revision, kept: list[RevisionFile], files: list[Any], *, by: Any) -> None:
    gone = list(revision.files.exclude(pk__in=[held.pk for held in kept]).select_related("file"))
    for held in gone:
        held.delete()
    for place, held in enumerate(kept):
        if held.revision_id == revision.pk:
            RevisionFile.objects.filter(pk=held.pk).update(position=place)
        else:
            told = {"title": held.title, "alt": held.alt, "is_decorative": held.is_decorative}
            RevisionFile.objects.create(revision=revision, file_id=held.file_id, position=place, **told)
    RevisionFile.objects.bulk_create(
        RevisionFile(revision=revision, file=kept_file(file, by=by), position=place)
        for place, file in enumerate(files, len(kept))
    )
    for held in gone:
        discard_unused(held.file, by=by)


def kept_file(file: Any, *, by: Any) -> StoredFile:
    """An uploaded file is stored; one that is stored already is taken as it is."""
    return file if isinstance(file, StoredFile) else store(file, by=by)


def discard_unused(stored: Any, *, by: Any) -> None:
    """Delete a file unless something still holds it: another revision, perhaps of another room's thing."""
    if stored.revision_files.exists():
        return
    try:
        with transaction.atomic():
            discard(stored, by=by)
    except ProtectedError:
        return


def submit(revision: Revision, *, by: Any, is_told: bool = True) -> None:
    """Send for review; one that waits already keeps its place in the queue.

    is_told: whether the reviewers hear of it; of many at once they are told by one notice instead.
    """
    was = revision.state
    revision.state, revision.decided_at, revision.decided_by = RevisionState.SUBMITTED, None, None
    if was != RevisionState.SUBMITTED:
        revision.submitted_at = timezone.now()
    revision.save(update_fields=["state", "decided_at", "decided_by", "submitted_at"])
    if was != RevisionState.SUBMITTED:
        audit.record("submit_revision", revision, by=by)
        if is_told:
            emails.tell_reviewers(revision, by=by)


def _take_back(revision: Revision, *, by: Any) -> None:
    revision.state, revision.submitted_at = RevisionState.DRAFT, None
    revision.save(update_fields=["state", "submitted_at"])
    audit.record("take_back_revision", revision, by=by)


@transaction.atomic
def drop_changes(*, by: Any, revision: Revision) -> Item:
    """Give up the open changes of a published item. Raises TooLate when they are in review or gone."""
    item = lock(revision.item)
    row = item.revisions.filter(pk=revision.pk).first()
    if row is None or not rules.can_drop_changes(by, row):
        raise TooLate
    stored = [held.file for held in row.files.select_related("file")]
    audit.record("drop_changes", row, by=by, title=row.title)
    row.delete()
    for file in stored:
        discard_unused(file, by=by)
    return item
