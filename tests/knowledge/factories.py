"""The smallest valid items, revisions and what hangs on them; index and facets as the actions leave them."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from communities.models import Topic
from knowledge.actions import write
from knowledge.actions.bulk.check import Known, identifier_of, judge
from knowledge.actions.keep import history_told
from knowledge.enums import Answer, ExportState, ItemKind, Privacy, RevisionState
from knowledge.models import (
    Adaptation,
    BulkImport,
    BulkRow,
    Collection,
    CollectionItem,
    Consent,
    Export,
    Item,
    Offer,
    Revision,
    RevisionFile,
    RevisionLink,
    RevisionTerm,
)
from knowledge.models.item import REACH
from knowledge.models.revision import DECIDED
from members.models import User
from munistem.commons.enums import Visibility
from munistem.commons.files.models import FileKind, FileState, StoredFile
from munistem.commons.search.actions import index
from munistem.commons.tables.states import BulkState
from munistem.commons.terms.models import Term, TermKind
from tests.communities.factories import make_community, make_membership, make_post, make_topic
from tests.members.factories import fresh, make_member, make_municipality, make_representative, make_user

numbers = itertools.count(1)
OF_ITEM = (
    "slug",
    "edition_of",
    "organisation",
    "visibility",
    "community",
    "created_by",
    "nonce",
    "published_at",
)


def make_term(**fields: Any) -> Term:
    """A curated subject unless told otherwise."""
    number = next(numbers)
    return Term.objects.create(
        **{
            "name": f"term {number}",
            "slug": f"term-{number}",
            "kind": TermKind.SUBJECT,
            "name_he": f"מונח {number}",
            "name_ar": f"مصطلح {number}",
            "name_en": f"Term {number}",
            "is_curated": True,
            **fields,
        }
    )


def make_item(state: str = RevisionState.PUBLISHED, **fields: Any) -> Item:
    """An item with one revision in the given state, published for everyone unless told otherwise.

    fields: of the item or of its revision (title, kind …); ``terms``, ``links``, ``withdrawn=True``.
    """
    number = next(numbers)
    withdrawn = fields.pop("withdrawn", False)
    fields.setdefault("visibility", Visibility.PUBLIC)
    fields.setdefault("title", f"Item {number}")
    if fields["visibility"] == Visibility.COMMUNITY and "community" not in fields:
        fields["community"] = make_community()
    own = {name: fields.pop(name) for name in OF_ITEM if name in fields}
    author = own.setdefault("created_by", None) or make_member(is_manager=True)
    published_at = own.pop("published_at", None)
    item = Item.objects.create(**{"slug": f"item-{number}", **own, "created_by": author})
    make_revision(item, state, **fields)
    if published_at:
        Item.objects.filter(pk=item.pk).update(published_at=published_at)
        item.refresh_from_db()
        index(item)
    if withdrawn:
        item.withdrawn_at, item.withdrawn_by, item.withdrawn_reason = timezone.now(), author, "Out of date"
        item.save()
    return item


def make_revision(item: Item | None = None, state: str = RevisionState.DRAFT, **fields: Any) -> Revision:
    """The next revision of an item (a published one is made when none is given); a published one replaces the last."""
    number = next(numbers)
    item = item or make_item()
    now = timezone.now()
    terms, links = fields.pop("terms", ()), fields.pop("links", ())
    if state == RevisionState.PUBLISHED and item.published:
        Revision.objects.filter(pk=item.published_id).update(state=RevisionState.REPLACED)
    decided = {}
    if state in DECIDED:
        by = fields.pop("decided_by", None) or make_user(is_knowledge_manager=True)
        decided = {"decided_at": now, "decided_by": by}
    revision = Revision.objects.create(
        **{
            "item": item,
            "number": item.revisions.count() + 1,
            "state": state,
            "title": f"Title {number}",
            "summary": "What it is about.",
            "body": "<p>How it is done.</p>",
            "kind": ItemKind.GUIDE,
            "language": "en",
            "visibility": item.visibility,
            "privacy": Privacy.NONE,
            "community": item.community,
            "created_by": item.created_by,
            "submitted_at": None if state == RevisionState.DRAFT else now,
            "reason": "Please add the costs." if state == RevisionState.RETURNED else "",
            **decided,
            **fields,
        }
    )
    RevisionTerm.objects.bulk_create(RevisionTerm(content_object=revision, tag=term) for term in terms)
    for place, url in enumerate(links):
        with history_told():
            RevisionLink.objects.create(revision=revision, url=url, position=place)
    if state == RevisionState.PUBLISHED:
        item.published, item.published_at = revision, item.published_at or now
        item.language, item.valid_until = revision.language, revision.valid_until
        item.save()
        index(item)
    return revision


def make_offer(topic: Topic | None = None, state: str = RevisionState.DRAFT, **fields: Any) -> Offer:
    """A topic of which its author made an item, a draft unless told otherwise."""
    topic = topic or make_topic()
    fields = {"visibility": Visibility.NETWORK, "community": topic.community, **fields}
    item = make_item(state, created_by=topic.author, **fields)
    return Offer.objects.create(topic=topic, item=item, made_by=topic.author)


def make_consent(offer: Offer | None = None, person: Any = None, **fields: Any) -> Consent:
    """A question to a member that waits for an answer (``answer=``)."""
    offer = offer or make_offer()
    answer = fields.setdefault("answer", Answer.WAITING)
    if answer != Answer.WAITING:
        fields.setdefault("answered_at", timezone.now())
    if answer == Answer.GIVEN:
        fields.setdefault("reach", REACH[Visibility.NETWORK])
    person = person or make_membership(offer.topic.community).person
    return Consent.objects.create(offer=offer, person=person, **{"quote": "Ask the college.", **fields})


def make_file(revision: Revision | None = None, **fields: Any) -> RevisionFile:
    """A text file of a revision, with bytes and a preview picture; ``text=`` is what can be read in it."""
    number = next(numbers)
    revision = revision or make_item().published
    told = {name: fields.pop(name) for name in ("title", "alt", "is_decorative") if name in fields}
    stored = StoredFile(
        **{
            "name": f"plan-{number}.txt",
            "kind": FileKind.TEXT,
            "content_type": "text/plain; charset=utf-8",
            "size": 5,
            "sha256": f"{number:064x}",
            "state": FileState.READY,
            "uploaded_by": revision.created_by,
            **fields,
        }
    )
    stored.blob.save("x", ContentFile(b"words"), save=False)
    stored.preview.save("x", ContentFile(b"picture"), save=False)
    stored.save()
    with history_told():
        held = RevisionFile.objects.create(
            revision=revision, file=stored, position=revision.files.count(), **told
        )
    if revision.item.published_id == revision.pk:
        index(revision.item)
    return held


def make_export(community: Any, by: Any, **fields: Any) -> Export:
    """A file of a whole community that is ready."""
    now = timezone.now()
    export = Export(
        community=community,
        asked_by=by,
        **{
            "language": "en",
            "state": ExportState.READY,
            "built_at": now,
            "expires_at": now + timedelta(days=7),
            **fields,
        },
    )
    export.blob.save("export.zip", ContentFile(b"PK"), save=True)
    return export


def make_collection(*items: Item, **fields: Any) -> Collection:
    """A collection for everyone unless told otherwise, with these items in their order."""
    number = next(numbers)
    author = fields.pop("created_by", None) or make_member(is_manager=True)
    fields = {"slug": f"collection-{number}", "title": f"Collection {number}", **fields}
    collection = Collection.objects.create(
        **{"visibility": Visibility.PUBLIC, "language": "en", **fields}, created_by=author
    )
    index(collection)
    CollectionItem.objects.bulk_create(
        CollectionItem(collection=collection, item=item, position=place, added_by=author)
        for place, item in enumerate(items, 1)
    )
    return collection


def make_adaptation(item: Item | None = None, person: Any = None, **fields: Any) -> Adaptation:
    """A municipality adapts an item, shown to the network; ``reported=True`` has told how it went."""
    now = timezone.now()
    person = person or make_representative(organisation=make_municipality(), is_manager=True).person
    told = (
        {"result": "Twice as many girls.", "reported_at": now, "reported_by": person}
        if fields.pop("reported", False)
        else {}
    )
    return Adaptation.objects.create(
        item=item or make_item(),
        organisation=fields.pop("organisation", None) or fresh(person).acting_for,
        begun_by=person,
        **{
            "purpose": "A club in every school.",
            "due_on": timezone.localdate() + timedelta(days=150),
            **told,
            **fields,
        },
    )


def make_import(by: Any, *told: dict[str, str], **fields: Any) -> BulkImport:
    """A table that was read; without rows (column → words) it has one, with an error in it."""
    bulk = BulkImport(
        made_by=by,
        nonce=uuid4(),
        table_name="items.csv",
        expires_at=timezone.now() + timedelta(days=30),
        **{"state": BulkState.READ, "language": "en", "visibility": Visibility.NETWORK, **fields},
    )
    bulk.table.save("table", ContentFile(b"Title"), save=True)
    rows = [
        BulkRow(bulk=bulk, number=number, told=row, identifier=identifier_of(row))
        for number, row in enumerate(told or [{"title": "A lab", "kind": "poem"}], 2)
    ]
    judge(rows, Known(bulk, by))
    BulkRow.objects.bulk_create(rows)
    return bulk


def make_colleague(community, **fields):
    """A member who acts for a municipality, in a role."""
    person = make_representative(organisation=make_municipality(name_en="Karmiel")).person
    User.objects.filter(pk=person.pk).update(**{"role_title": "STEM manager", **fields})
    return make_membership(community, fresh(person)).person


def answered_topic(community, author):
    """A question, and the answer of a colleague that was accepted."""
    topic = make_topic(community, author, title="How do you pay for robots?")
    make_post(topic, make_colleague(community), body="<p>I have no idea.</p>")
    post = make_post(topic, make_colleague(community), body="<p>From the youth budget.</p>")
    topic.accepted = post
    topic.save()
    return topic, post


def content(**fields):
    """What the form of an item sends, public unless told otherwise."""
    return {
        "title": "A lab in every school",
        "summary": "How we opened twelve labs.",
        "body": "<p>Begin with the teachers.</p>",
        "kind": "guide",
        "language": "en",
        "visibility": Visibility.PUBLIC,
        "privacy": "none",
        **fields,
    }


def begun(author, **options):
    """An item that its author began by the deed; ``fields`` of its content, other options of the deed."""
    return write.start_item(by=author, content=content(**options.pop("fields", {})), **options)


def submitted(author, **options):
    """The revision of such an item, sent to the reviewers."""
    return begun(author, submits=True, **options).revisions.get()
