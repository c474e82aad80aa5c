"""From a discussion to the library in one form: what it says, and whom it would name, with which of their words."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import translation
from django.utils.html import format_html, linebreaks
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.enums import Access, Part, TopicKind
from communities.models import Consultation, Contribution, Post, Topic
from communities.models.peers import towns_of
from knowledge.actions.words import LONGEST_SUMMARY, LONGEST_TITLE
from knowledge.enums import ItemKind, Privacy
from knowledge.forms.fields import NonceField
from knowledge.forms.kinds import chosen_details, fields_of_kinds, shown_details
from knowledge.models.details import DETAILS
from munistem.commons.enums import Visibility
from munistem.commons.text.forms import NameField, ProseField, RichTextField
from munistem.commons.text.html import plain

LONGEST_QUOTE = 1_200
MOST_VOICES = 20
CASE = {ItemKind.CASE_STUDY: DETAILS[ItemKind.CASE_STUDY]}


@dataclass
class Contributor:
    """Somebody who wrote in the discussion, and could be named; post: out of which words could be quoted."""

    person: Any
    role: str
    place: str
    post: Post | None = None
    is_adviser: bool = True

    @property
    def words(self) -> str:
        return plain(self.post.body)[:LONGEST_QUOTE] if self.post else ""


def contributors_of(topic: Topic, *, besides: Any) -> list[Contributor]:
    """Members who wrote in a topic, in the order in which they came in; of each the post that helped most."""
    posts = Post.objects.filter(topic=topic).shown().exclude(author=besides).select_related("author")
    posts = posts.filter(author__in=topic.community.memberships.present().values("person"))
    parts = dict(Contribution.objects.filter(post__topic=topic).values_list("post", "part"))
    found: dict[int, Contributor] = {}
    with translation.override(topic.language):
        towns = {pk: town.name for pk, town in towns_of(posts.values_list("author", flat=True)).items()}
    for post in posts.defer("author__search_vector").in_order():
        person = post.author
        if person.pk not in found and len(found) < MOST_VOICES:
            town = towns.get(person.pk, "")
            found[person.pk] = Contributor(person, person.role_title, town, is_adviser=False)
        if (one := found.get(person.pk)) and can_be_quoted(topic, post, parts):
            one.is_adviser = True
            if one.post is None or is_better(topic, post, one.post):
                one.post = post
    return list(found.values())


def can_be_quoted(topic: Topic, post: Post, parts: dict[int, str]) -> bool:
    """Advice in a consultation; elsewhere every answer."""
    if topic.kind == TopicKind.CONSULTATION:
        return parts.get(post.pk, Part.ADVICE) == Part.ADVICE
    return not post.is_opening


def is_better(topic: Topic, post: Post, other: Post) -> bool:
    """The accepted answer before all, then what more readers found helpful, then what was said first."""
    return (post.pk == topic.accepted_id, post.helpful_count) > (
        other.pk == topic.accepted_id,
        other.helpful_count,
    )


def case_study_of(consultation: Consultation) -> dict[str, Any]:
    """What who asked wrote at each stage, in the fields of a case study; nobody else's words."""
    topic = consultation.topic
    own = Post.objects.filter(topic=topic, author=topic.author_id).shown().in_order()
    written = {
        part: [post.body for post in own.filter(contribution__part=part)]
        for part in (Part.QUESTION, Part.TAKEAWAY, Part.OUTCOME)
    }
    details = {
        "context": "\n\n".join(filter(None, (consultation.context, consultation.tried))),
        "done": "\n\n".join(plain(body) for body in written[Part.TAKEAWAY]),
        "results": "\n\n".join(plain(body) for body in written[Part.OUTCOME]),
    }
    return {"body": "".join(written[Part.QUESTION]), **shown_details(ItemKind.CASE_STUDY, details)}


def text_of(text: str) -> str:
    return linebreaks(text, autoescape=True) if text.strip() else ""


def question_and_answer(question: str, answer: str, language: str) -> str:
    """The text of an item made of a question; answer: clean HTML."""
    with translation.override(language):
        headings = _("The question"), _("What proved itself")
    return str(
        format_html(
            "<h2>{}</h2>{}<h2>{}</h2>{}",
            headings[0],
            mark_safe(text_of(question)),
            headings[1],
            mark_safe(answer),
        )
    )


class OfferForm(forms.Form):
    """What the item says; for each who took part whether they would be named, and with which words."""

    title = NameField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE, min_length=3)
    summary = ProseField(
        label=gettext_lazy("In short"),
        max_length=LONGEST_SUMMARY,
        rows=3,
        help_text=gettext_lazy(
            "Two or three sentences: what it is, for whom, what came of it. Lists and search show them."
        ),
    )
    question = ProseField(label=gettext_lazy("The question"), max_length=2_000, rows=3)
    answer = RichTextField(
        label=gettext_lazy("The answer you agreed on"),
        help_text=gettext_lazy(
            "In your own words. What colleagues wrote goes below, and only with their consent."
        ),
    )
    body = RichTextField(
        label=gettext_lazy("More about it"),
        required=False,
        help_text=gettext_lazy(
            "All of it is made of what you wrote at each stage; change it freely. The words of colleagues stand below."
        ),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read it?"), choices=Visibility.choices, widget=forms.RadioSelect
    )
    privacy = forms.ChoiceField(
        label=gettext_lazy("Does it show personal details or faces of children?"),
        choices=Privacy.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("It is asked before it is sent for review."),
    )
    nonce = NonceField()

    def __init__(
        self,
        *args: Any,
        topic: Topic,
        user: Any,
        contributors: list[Contributor],
        consultation: Consultation | None,
        **options: Any,
    ):
        self.topic, self.contributors, self.consultation = topic, contributors, consultation
        super().__init__(*args, initial=self.beginning(user), **options)
        for name in ("question", "answer") if consultation else ("body",):
            del self.fields[name]
        if consultation:
            self.fields.update(fields_of_kinds(CASE))
        for one in contributors:
            self.fields[f"name-{one.person.pk}"] = forms.BooleanField(
                label=one.person.name, required=False, initial=one.is_adviser
            )
            self.fields[f"quote-{one.person.pk}"] = ProseField(
                label=gettext_lazy("Their words"),
                max_length=LONGEST_QUOTE,
                rows=4,
                required=False,
                initial=one.words,
                help_text=gettext_lazy("Shorten them as you like; they see just these and agree or not."),
            )

    def beginning(self, user: Any) -> dict[str, Any]:
        opening = Post.objects.get(topic=self.topic, number=1)
        is_own = self.topic.author_id == user.pk
        is_closed = self.topic.community.access == Access.CLOSED
        return {
            "title": self.topic.title,
            "question": plain(opening.body)[:2_000] if is_own else self.topic.title,
            **(case_study_of(self.consultation) if self.consultation else {}),
            "visibility": Visibility.COMMUNITY if is_closed else Visibility.NETWORK,
        }

    def essentials(self) -> list[Any]:
        case = fields_of_kinds(CASE) if self.consultation else ()
        names = ("title", "summary", *case, "question", "answer", "body", "visibility", "privacy")
        return [self[name] for name in names if name in self.fields]

    def rows(self) -> list[dict[str, Any]]:
        """Who took part, with the two fields of each."""
        return [
            {"one": one, "name": self[f"name-{one.person.pk}"], "quote": self[f"quote-{one.person.pk}"]}
            for one in self.contributors
        ]

    def content(self) -> dict[str, Any]:
        """What the actions keep in a revision."""
        data, topic = self.cleaned_data, self.topic
        body = data.get("body", "")
        if not self.consultation:
            body = question_and_answer(data["question"], data["answer"], topic.language)
        town = towns_of([topic.author_id]).get(topic.author_id) if self.consultation else None
        return {
            "title": data["title"],
            "summary": data["summary"],
            "body": body,
            "kind": ItemKind.CASE_STUDY if self.consultation else ItemKind.GUIDE,
            "language": topic.language,
            "details": chosen_details(ItemKind.CASE_STUDY, data) if self.consultation else {},
            "visibility": data["visibility"],
            "privacy": data["privacy"],
            "community": topic.community,
            "authority": town.authority if town else None,
        }

    def named(self) -> list[tuple[Contributor, str]]:
        """Those who would be named, with the words that would be quoted."""
        data = self.cleaned_data
        return [
            (one, data[f"quote-{one.person.pk}"])
            for one in self.contributors
            if data.get(f"name-{one.person.pk}")
        ]
