"""An item that begins with files or a link: they are kept and read at once, the form is filled in after."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from knowledge import rules
from knowledge.actions import cards, duplicates
from knowledge.actions.propose import Lexicon, Source, propose
from knowledge.actions.write import TooLate, TooManyFiles, discard_unused, start_item
from knowledge.models import Intake, IntakeFile, Item, LinkCard
from members.models import LocalAuthority, Organisation
from munistem.commons import audit
from munistem.commons.files.actions import store
from munistem.commons.search import reading
from munistem.commons.terms.models import Term, TermKind

MOST_INTAKES = 20  # of one person at a time; beginning another gives the oldest up


@transaction.atomic
def begin(*, by: Any, files: Iterable[Any] = (), link: str = "", nonce: UUID | None = None) -> Intake:
    """Keep what an item begins with and let the worker read it. A form sent twice makes one. Raises TooLate."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    if known := Intake.objects.visible_to(by).filter(nonce=nonce).first() if nonce else None:
        return known
    if not rules.can_add_item(by):
        raise TooLate
    for old in Intake.objects.visible_to(by).latest_first()[MOST_INTAKES - 1 :]:
        drop(old, by=by)
    intake = Intake.objects.create(person=by, link=link, nonce=nonce)
    for place, file in enumerate(files):
        IntakeFile.objects.create(intake=intake, file=store(file, by=by), position=place)
    if link:
        cards.ask([link], by=by, intake=intake)
    audit.record("begin_intake", intake, by=by, has_link=bool(link))
    return intake


@transaction.atomic
def finish(
    *,
    by: Any,
    intake: Intake,
    content: Mapping[str, Any],
    kept: Collection[int] = (),
    files: Iterable[Any] = (),
    organisation: Organisation | None = None,
    submits: bool = False,
    nonce: UUID | None = None,
) -> Item:
    """Make the item; what it began with goes along (``kept``: keys of its files) or is gone. For the rest see start_item."""
    row = Intake.objects.visible_to(by).select_for_update().filter(pk=intake.pk).first()
    if row is None:
        if nonce and (done := Item.objects.filter(nonce=nonce, created_by=by).first()):
            return done
        raise TooLate
    begun = [held.file for held in files_of(row) if held.pk in kept]
    item = start_item(
        by=by,
        content=content,
        organisation=organisation,
        files=[*begun, *files],
        submits=submits,
        nonce=nonce,
    )
    for card in row.link_cards.ready().filter(url__in=[url for url, _title in content.get("links", ())]):
        LinkCard.objects.filter(
            item=item, url=card.url
        ).delete()  # asked for a moment ago; this one was looked at
        card.item, card.intake, card.text = item, None, ""
        card.save(update_fields=["item", "intake", "text"])
    drop(row, by=by)
    return item


@transaction.atomic
def drop(intake: Intake, *, by: Any) -> None:
    """Give up what was begun, with what nothing else holds."""
    stored = [held.file for held in files_of(intake)]
    cards.drop_cards(intake.link_cards.select_related("picture"), by=by)
    intake.delete()
    for file in stored:
        discard_unused(file, by=by)


def files_of(intake: Intake) -> list[IntakeFile]:
    return list(intake.files.select_related("file").order_by("position", "pk"))


def drop_old_intakes() -> int:
    """Give up what nobody finished within a fortnight; returns how many."""
    old = list(Intake.objects.over(timezone.now())[:200])
    for intake in old:
        drop(intake, by=None)
    return len(old)


# Proposals -----------------------------------------------------------------------------------------------


def sources_of(intake: Intake) -> list[Source]:
    """The page first, then the files."""
    pages = [
        Source(card.title, card.text, description=card.description, is_film=bool(card.seconds))
        for card in intake.link_cards.ready()
    ]
    return pages + [Source(held.file.name, held.file.text, held.file.kind) for held in files_of(intake)]


def proposals_for(intake: Intake) -> dict[str, Any]:
    """What the form begins with; the link is no proposal but what the person gave."""
    found = propose(sources_of(intake), lexicon(), reading.current().analyser, timezone.localdate())
    return found | ({"links": [(intake.link, "")]} if intake.link else {})


def lexicon() -> Lexicon:
    """The vocabulary and the register by their names in all languages; two queries."""
    names = ("name_he", "name_ar", "name_en")
    terms = list(Term.objects.curated().values("slug", "kind", "synonyms", *names))

    def of(kind: TermKind) -> dict[str, list[str]]:
        rows = (row for row in terms if row["kind"] == kind)
        return {row["slug"]: [*filter(None, (row[name] for name in names)), *row["synonyms"]] for row in rows}

    places = LocalAuthority.objects.values_list("pk", *names)
    return Lexicon(of(TermKind.SUBJECT), of(TermKind.POPULATION), {pk: said for pk, *said in places})


def near_to(intake: Intake, *, by: Any, title: str = "") -> list[duplicates.Near]:
    """What stands in the library already and looks like it, as far as the person may see it."""
    files = files_of(intake)
    text = "\n".join(held.file.text for held in files)
    return duplicates.find_near(by, files=[held.file.sha256 for held in files], text=text, title=title)


__all__ = ["TooLate", "TooManyFiles", "begin", "drop", "finish", "near_to", "proposals_for"]
