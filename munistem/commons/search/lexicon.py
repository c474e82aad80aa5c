"""What else may have been meant, told from the words of public texts: other spellings, and what was searched beside.

Nothing here knows a word that only stands in rows that are not for everybody.
"""

from collections.abc import Iterable

from munistem.commons.search.analyser import Group, Token
from munistem.commons.search.query import Query, as_typed, is_light
from munistem.commons.search.tables import Word

HEBREW, LATIN, ARABIC = (
    "אבגדהוזחטיכלמנסעפצקרשת",
    "abcdefghijklmnopqrstuvwxyz",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويء",
)
USUAL = 1.0  # per million: such a word is spelt as it should be, whether the collection has it or not
SHORTEST, LONGEST = 3, 20
MOST_MISSPELT = 3
MOST_BESIDE = 4
STRONG = 0.5
#: Letters that sound alike are mistaken for each other more often than others.
ALIKE = {frozenset(pair) for pair in ("אע", "טת", "כק", "כח", "בו", "סש", "אה", "עה", "צס", "גז", "דר", "וי")}
#: The same keys on the Hebrew and the English keyboard.
KEYS_LATIN = "qwertyuiopasdfghjkl;'zxcvbnm,./"
KEYS_HEBREW = "/'קראטוןםפשדגכעיחלךף,זסבהנמצתץ."
TO_HEBREW = str.maketrans(KEYS_LATIN, KEYS_HEBREW)
TO_LATIN = str.maketrans({hebrew: latin for latin, hebrew in zip(KEYS_LATIN, KEYS_HEBREW, strict=True)})


def did_you_mean(query: Query) -> str:
    """The question with words that no public text has put right; empty where there is nothing better. One query at most."""
    unknown = [group for group in query.groups if _is_unknown(group, query)][:MOST_MISSPELT]
    if not unknown:
        return ""
    near = {group.token: spellings(group.token.word) for group in unknown}
    typed_as = _other_keys(query, unknown)
    asked = {word for words in near.values() for word in words} | {word for word, _ in typed_as.values()}
    rows = Word.objects.filter(word__in=asked).values_list("word", "spelling", "rows")
    known = {word: (spelling, number) for word, spelling, number in rows}
    better: dict[Token, str] = {}
    for token, words in near.items():
        other = typed_as.get(token)
        if other and other[0] in known:
            better[token] = known[other[0]][0]
        elif word := max(
            (word for word in words if word in known), default="", key=lambda w: known[w][1] * words[w]
        ):
            better[token] = known[word][0]
    return _put(query.wanted, better)


def _is_unknown(group: Group, query: Query) -> bool:
    """Whether no public text has the word in any of its readings."""
    word, known = group.token.word, query.told.rows_with.get("", {})
    if (
        not SHORTEST <= len(word) <= LONGEST
        or word.isdigit()
        or is_light(group)
        or group.per_million >= USUAL
    ):
        return False
    certain = [term for term, weight in group.terms.items() if weight >= STRONG]
    return not any(term in known or term in query.told.spellings for term in certain)


def spellings(word: str) -> dict[str, float]:
    """Words one letter away, with how likely each is to be meant."""
    alphabet = next((letters for letters in (HEBREW, LATIN, ARABIC) if word[0] in letters), "")
    found: dict[str, float] = {}
    if not alphabet:
        return found

    def add(other: str, likely: float) -> None:
        if other != word:
            found[other] = max(found.get(other, 0.0), likely)

    for place, letter in enumerate(word):
        add(word[:place] + word[place + 1 :], 0.6)
        add(word[:place] + word[place + 1 : place + 2] + letter + word[place + 2 :], 0.9)
        for other in alphabet:
            likely = 1.0 if frozenset((letter, other)) in ALIKE else 0.3
            add(word[:place] + other + word[place + 1 :], likely)
            add(word[:place] + other + word[place:], 0.9 if other in "וי" else 0.5)
    for other in alphabet:
        add(word + other, 0.4)
    return found


def _other_keys(query: Query, unknown: Iterable[Group]) -> dict[Token, tuple[str, str]]:
    """What the words say when typed with the keyboard set to the other language: token → (index term, as written)."""
    found = {}
    for group in unknown:
        written = query.wanted[group.token.start : group.token.end].lower()
        other = written.translate(TO_HEBREW) if written.isascii() else written.translate(TO_LATIN)
        if other != written and other.isalpha():
            found[group.token] = next(iter(as_typed(other)), ""), other
    return found


def _put(text: str, better: dict[Token, str]) -> str:
    if not better:
        return ""
    for token in sorted(better, key=lambda token: -token.start):
        text = text[: token.start] + better[token] + text[token.end :]
    return text


def also_searched(query: Query) -> list[str]:
    """Other words that the question found too, as they are written: מעבדה for מעבדות. Asks nothing more."""
    beside: dict[str, float] = {}
    typed = {next(iter(group.terms), "") for group in query.groups}
    for group in query.groups:
        for term, weight in group.terms.items():
            if term in typed or weight < STRONG or not term.isalpha():
                continue
            if spelling := query.told.spellings.get(term):
                beside[spelling] = max(beside.get(spelling, 0.0), weight)
    return sorted(beside, key=lambda word: -beside[word])[:MOST_BESIDE]
