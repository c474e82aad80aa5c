"""What the demo's authors write about: themes with titles, openings and answers, and how a text is put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True)
class Theme:
    """One matter that people in municipalities talk about.

    titles, openings, answers: sentences with slots such as {town} or {number}; kind: code of a TopicKind.
    """

    kind: str
    titles: Sequence[str]
    openings: Sequence[str]
    answers: Sequence[str]


@dataclass(frozen=True)
class Paper:
    """One knowledge item: what it is called, what it says, for whom.

    kind: code of an ItemKind; stages, settings: codes of the continuum; steps: a list of points in the body.
    """

    kind: str
    title: str
    summary: str
    body: Sequence[str]
    steps: Sequence[str] = ()
    stages: Sequence[str] = ()
    settings: Sequence[str] = ()


@dataclass(frozen=True)
class Tongue:
    """Everything of one language: themes, sentences that fit any of them, papers, slots."""

    code: str
    themes: Sequence[Theme]
    greetings: Sequence[str]
    experiences: Sequence[str]
    advice: Sequence[str]
    closings: Sequence[str]
    thanks: Sequence[str]
    papers: Sequence[Paper]
    parts: Sequence[str]
    slots: dict[str, Sequence[str]] = field(default_factory=dict)

    def fill(self, sentence: str, rng: Random, towns: Sequence[str]) -> str:
        """A sentence with its slots filled."""
        if "{" not in sentence:
            return sentence
        words = {
            name: rng.choice(choices) for name, choices in self.slots.items() if f"{{{name}}}" in sentence
        }
        return sentence.format(
            **words, town=rng.choice(towns), number=rng.randrange(12, 480), few=rng.randrange(2, 9)
        )

    def opening(self, theme: Theme, rng: Random, towns: Sequence[str]) -> str:
        """Rich text of a topic's first post."""
        first = self.fill(rng.choice(theme.openings), rng, towns)
        middle = [self.fill(rng.choice(self.experiences), rng, towns)] if rng.random() < 0.6 else []
        paragraphs = [rng.choice(self.greetings), first, *middle, rng.choice(self.closings)]
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    def answer(self, theme: Theme, number: int, rng: Random, towns: Sequence[str]) -> str:
        """Rich text of a reply: an answer to the matter (another one for each number), what happened with us, advice."""
        text = [f"<p>{self.fill(theme.answers[number % len(theme.answers)], rng, towns)}</p>"]
        if rng.random() < 0.55:
            text.append(f"<p>{self.fill(rng.choice(self.experiences), rng, towns)}</p>")
        if rng.random() < 0.2:
            points = rng.sample(list(self.advice), 3)
            text.append(f"<ul>{''.join(f'<li>{self.fill(point, rng, towns)}</li>' for point in points)}</ul>")
        elif rng.random() < 0.4:
            text.append(f"<p>{self.fill(rng.choice(self.advice), rng, towns)}</p>")
        return "".join(text)

    def thank(self, rng: Random, towns: Sequence[str]) -> str:
        """What who asked writes in between."""
        return f"<p>{self.fill(rng.choice(self.thanks), rng, towns)}</p>"
