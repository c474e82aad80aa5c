"""Knowledge items of the demo with their revisions, files and tags."""

import io
from collections.abc import Sequence
from random import Random

from django.utils.text import slugify
from PIL import Image

from communities.models import Community
from knowledge.enums import ItemKind, Licence, Question, RevisionState
from knowledge.models import (
    CardState,
    Item,
    LinkCard,
    Review,
    Revision,
    RevisionFile,
    RevisionLink,
    RevisionTerm,
)
from munistem.commons.enums import Visibility
from munistem.commons.files.models import PAGE_END, FileKind, StoredFile
from munistem.commons.search.actions import reindex
from munistem.commons.search.analyser import words
from munistem.commons.terms.models import Term, TermKind
from munistem.front.management.demo import handbook
from munistem.front.management.demo.papers import as_pdf, as_preview, page
from munistem.front.management.demo.people import Cast, towns_by_language
from munistem.front.management.demo.pouring import Calendar, keys, lay_down, pour
from munistem.front.management.demo.talk import TONGUES
from munistem.front.management.demo.writing import Paper, Tongue

MOST_FILES = 8
REASON = "תודה! חסר תיאור של העלות, והקובץ המצורף הוא טיוטה. אפשר להשלים ולשלוח שוב."
#: What the page of the demo's links says of itself.
PAGE = "https://example.org/stem"
CARDS = {
    "he": ("דף התוכנית באתר היישוב (הדגמה)", "הסבר קצר למשפחות: מי משתתף, מתי נפגשים ואיך נרשמים. דף בדוי לצורך ההדגמה."),
    "ar": ("صفحة البرنامج في موقع البلدة (عرض تجريبي)", "شرح قصير للأهالي: من يشارك ومتى نلتقي وكيف يتم التسجيل. صفحة من نسج الخيال لغرض العرض."),
    "en": ("Page of the programme on the town's site (demo)", "In short for families: who takes part, when we meet and how to join. A page made up for this demo."),
}  # fmt: skip


def collect(
    communities: Sequence[Community], cast: Cast, count: int, calendar: Calendar, rng: Random
) -> list[Item]:
    """Items in every state: most published, some waiting, one returned, one draft, one with a new revision on its way."""
    towns = towns_by_language(cast.organisations)
    papers = [(tongue, paper) for tongue in TONGUES.values() for paper in tongue.papers]
    rng.shuffle(papers)
    managers = [mandate for mandate in cast.mandates if mandate.is_manager and mandate.until_on is None]
    works = [Work(number, *papers[number % len(papers)], number // len(papers)) for number in range(count)]
    slugs: set[str] = set(Item.objects.values_list("slug", flat=True))
    for work in works:
        mandate = rng.choice(managers)
        work.write(mandate, towns, calendar, rng, slugs, cast, communities)
    settle(works, cast, calendar)
    items, revisions = (
        [work.item for work in works],
        [revision for work in works for revision in work.revisions],
    )
    pour_together(items, revisions)
    tell_reviews(revisions)
    terms = vocabulary()
    pour(
        [RevisionTerm(content_object=one, tag=term) for one in revisions for term in tags_of(one, terms, rng)]
    )
    write_files(works, rng)
    rows = Item.objects.filter(pk__in=[item.pk for item in items])
    rows = rows.select_related("published__authority", "organisation__authority", "offer")
    reindex(rows.prefetch_related("published__tags", "published__links").iterator(chunk_size=500))
    return items


class Work:
    """One item with its revisions before it is written."""

    def __init__(self, number: int, tongue: Tongue, paper: Paper, round_: int):
        self.number, self.tongue, self.paper, self.round = number, tongue, paper, round_
        self.revisions: list[Revision] = []

    def write(
        self, mandate, towns, calendar: Calendar, rng: Random, slugs: set[str], cast: Cast, communities
    ) -> None:
        tongue, paper, names = self.tongue, self.paper, towns[self.tongue.code]
        title = (
            paper.title
            if not self.round
            else f"{paper.title} – {rng.choice(tongue.parts)}, {rng.choice(names)}"
        )
        body = "".join(f"<p>{tongue.fill(text, rng, names)}</p>" for text in paper.body)
        if paper.steps:
            body += f"<ul>{''.join(f'<li>{step}</li>' for step in paper.steps)}</ul>"
        if self.round:
            body += "".join(
                f"<p>{tongue.fill(text, rng, names)}</p>" for text in rng.sample(list(tongue.experiences), 3)
            )
        visibility = rng.choices([Visibility.PUBLIC, Visibility.NETWORK, Visibility.COMMUNITY], [7, 2, 1])[0]
        if self.number == 0:
            visibility = Visibility.PUBLIC
        closed = [row for row in communities if row.slug in {"stem-managers", "integrators", "funders"}]
        author = cast.accounts["knowledge"] if rng.random() < 0.3 else mandate.person
        at = calendar.working_hour(rng.uniform(2, 360))
        self.item = Item(
            slug=free(title, slugs), visibility=visibility, organisation=mandate.organisation, created_by=author, created_at=at,
            community=rng.choice(closed) if visibility == Visibility.COMMUNITY else None, language=tongue.code,
        )  # fmt: skip
        self.revisions = [
            Revision(
                item=self.item, number=1, state=RevisionState.PUBLISHED, title=title, summary=tongue.fill(paper.summary, rng, names), body=body,
                kind=ItemKind(paper.kind), language=tongue.code, life_stages=list(paper.stages), settings=list(paper.settings),
                authority=mandate.organisation.authority, licence=rng.choice([Licence.CC_BY, Licence.CC_BY, Licence.CC_BY_SA, Licence.NETWORK]),
                contact=f"{author.name}, {author.email}", valid_until=calendar.ago(-120).date() if paper.kind == "call" else None,
                created_by=author, created_at=at, changed_at=at, submitted_at=at, decided_at=calendar.later(at, 40), decided_by=cast.accounts["knowledge"],
                visibility=self.item.visibility, community=self.item.community,
            )
        ]  # fmt: skip
        self.item.published, self.item.published_at = self.revisions[0], self.revisions[0].decided_at
        self.item.valid_until = self.revisions[0].valid_until


def free(title: str, taken: set[str]) -> str:
    base = slugify(title, allow_unicode=True)[:60].strip("-_") or "item"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def settle(works: Sequence[Work], cast: Cast, calendar: Calendar) -> None:
    """Take some back to earlier states; the second one of the manager is returned, so that something waits there too."""
    if len(works) < 12:
        return
    manager = cast.accounts["manager"]
    waiting, again, returned, draft, renewed = works[3], works[5], works[7], works[9], works[2]
    for work, state in (
        (waiting, "submitted"),
        (again, "submitted"),
        (returned, "returned"),
        (draft, "draft"),
    ):
        revision, item = work.revisions[0], work.item
        revision.state, revision.decided_at, revision.decided_by = RevisionState(state), None, None
        item.published = item.published_at = item.valid_until = None
        if state == "draft":
            revision.submitted_at = None
        if state == "submitted":
            revision.created_at = revision.submitted_at = revision.changed_at = item.created_at = (
                calendar.working_hour(2)
            )
        if work in (returned, draft):
            item.created_by = revision.created_by = manager
            item.organisation = cast.organisation_of(manager)
        if state == "returned":
            revision.reason, revision.decided_by = REASON, cast.accounts["knowledge"]
            revision.submitted_at, revision.decided_at = calendar.working_hour(4), calendar.working_hour(2)
    first = renewed.revisions[0]
    renewed.revisions.append(
        Revision(
            item=renewed.item, number=2, state=RevisionState.SUBMITTED, title=first.title, summary=first.summary, body=first.body + "<p>2.0</p>",
            kind=first.kind, language=first.language, life_stages=first.life_stages, settings=first.settings, authority=first.authority,
            licence=first.licence, contact=first.contact, change_note="עודכנו המספרים", created_by=first.created_by,
            created_at=calendar.working_hour(1), changed_at=calendar.working_hour(1), submitted_at=calendar.working_hour(1),
            visibility=first.visibility, community=first.community,
        )
    )  # fmt: skip


def pour_together(items: list[Item], revisions: list[Revision]) -> None:
    """Items and revisions point at each other: keys first, then both; the database checks at the end of the transaction."""
    for rows in filter(None, (items, revisions)):
        for row, pk in zip(rows, keys(type(rows[0]), len(rows)), strict=True):
            row.pk = pk
    for row in revisions:
        row.item = row.item
    for row in items:
        row.published = row.published
    pour(items)
    pour(revisions)


def is_public(work: Work) -> bool:
    return work.item.visibility == Visibility.PUBLIC and work.item.published is not None


def handbook_by(revision: Revision, rng: Random) -> StoredFile:
    """A file of several pages, to be read page by page and searched."""
    picture = Image.open(io.BytesIO(handbook.made("png", ppi=72))).convert("RGB")
    return lay_down(
        handbook.made("pdf"), "מדריך מרחב מייקרים (הדגמה).pdf", kind=FileKind.PDF, content_type="application/pdf",
        by=revision.created_by, at=revision.created_at, rng=rng, text=PAGE_END.join(handbook.texts()),
        pages=len(handbook.PAGES), preview=as_preview(picture),
    )  # fmt: skip


def tell_reviews(revisions: Sequence[Revision]) -> None:
    """What was answered to each revision that was decided on; to the one that was returned with remarks beside its fields."""
    reviews = []
    for row in revisions:
        if row.decided_at is None:
            continue
        is_returned = row.state == RevisionState.RETURNED
        answers = {code: ["yes", ""] for code in Question.values}
        if is_returned:
            answers["described"] = ["partly", "חסרים שלבים ואוכלוסייה"]
        reviews.append(
            Review(
                revision=row, version=row.version, decision=RevisionState.RETURNED if is_returned else RevisionState.PUBLISHED,
                answers=answers, remarks={"summary": "כדאי להוסיף לאילו כיתות זה מתאים."} if is_returned else {},
                reason=row.reason if is_returned else "", submitted_at=row.submitted_at, decided_at=row.decided_at, decided_by=row.decided_by,
            )
        )  # fmt: skip
    pour(reviews)


def tags_of(revision: Revision, terms: Sequence[tuple[Term, set[str]]], rng: Random) -> list[Term]:
    """Words of the vocabulary that the text names, else one of it."""
    if not terms:
        return []
    text = set(words(f"{revision.title} {revision.summary} {revision.body}"))
    named = [term for term, known in terms if known & text]
    return named[:4] or [rng.choice(terms)[0]]


def vocabulary() -> list[tuple[Term, set[str]]]:
    """Each curated term with the words of its names."""
    found = []
    for term in Term.objects.curated().order_by("pk"):
        names = [term.name_he, term.name_ar, term.name_en, *term.synonyms]
        found.append((term, {word for name in names for word in words(name) if len(word) > 2}))
    return found


def write_links(works: Sequence[Work]) -> None:
    """An address for each, with what its page said of itself, as if the worker had looked at it."""
    pour([RevisionLink(revision=work.revisions[0], url=PAGE, position=0) for work in works])
    cards = []
    for work in works:
        title, description = CARDS[work.tongue.code]
        cards.append(
            LinkCard(
                item=work.revisions[0].item, url=PAGE, state=CardState.READY, title=title, site="example.org",
                description=description, language=work.tongue.code, fetched_at=work.revisions[0].created_at,
            )
        )  # fmt: skip
    pour(cards)


def write_files(works: Sequence[Work], rng: Random) -> None:
    """A drawn paper for the first items, an address for some others, and a free tag that waits for the curators."""
    files, links = [], []
    for work in works[:MOST_FILES]:
        revision = work.revisions[0]
        paragraphs = [
            revision.summary,
            *(work.tongue.fill(text, rng, [""]) for text in work.paper.body),
            *(f"• {step}" for step in work.paper.steps),
        ]
        image = page(revision.title, paragraphs, revision.language)
        stored = lay_down(
            as_pdf(image), f"{revision.title[:50]}.pdf".replace("/", "-"), kind=FileKind.PDF, content_type="application/pdf",
            by=revision.created_by, at=revision.created_at, rng=rng, text="\n".join([revision.title, *paragraphs]), pages=1, preview=as_preview(image),
        )  # fmt: skip
        files.append(stored)
        links.append(RevisionFile(revision=revision, file=stored, position=0))
    if work := next(
        (one for one in works[MOST_FILES + 6 :] if one.tongue.code == "he" and is_public(one)), None
    ):
        files.append(handbook_by(work.revisions[0], rng))
        links.append(RevisionFile(revision=work.revisions[0], file=files[-1], title=handbook.TITLE))
    pour(files)
    for link in links:
        link.file = link.file
    pour(links)
    write_links(works[MOST_FILES : MOST_FILES + 6])
    tag, _ = Term.objects.get_or_create(slug="מייקאתון", defaults={"name": "מייקאתון", "kind": TermKind.FREE})
    pour([RevisionTerm(content_object=work.revisions[0], tag=tag) for work in works[:1]])
