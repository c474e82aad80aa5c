"""Hebrew endings: number, gender, construct, possessive and adjective lead to the word that a dictionary would list.

A rule takes an ending off and puts another on; it holds only where the base is written often enough to explain the
form, because an inflected form can be only so much more frequent than its base. Each rule says how much.
"""

import re
from collections.abc import Iterator

from munistem.commons.search.analyser.frequencies import Frequencies

PLURAL, CONSTRUCT, FEMININE, POSSESSIVE, ADJECTIVE = 8.0, 5.0, 0.9, 0.4, 1.5
# (ending, what replaces it, how many times as frequent as the base the form may be); the final letters are folded
RULES: list[tuple[str, str, float]] = [
    ("ויות", "ות", PLURAL),
    ("יות", "ית", PLURAL),
    ("יות", "יה", PLURAL),
    ("יות", "י", 2.0),
    ("ות", "ה", PLURAL),
    ("תות", "ת", PLURAL),
    ("אות", "ה", PLURAL),
    ("ות", "", 3.0),
    ("ות", "ת", 2.0),  # מסגרות; of three letters only with their ת kept (רשתות)
    ("יימ", "י", PLURAL),
    ("ימ", "", PLURAL),
    ("ימ", "ה", PLURAL),
    ("יית", "ייה", CONSTRUCT),
    ("ת", "ה", CONSTRUCT),
    ("ית", "י", 3.0),
    ("ית", "יה", 1.0),
    ("ית", "", POSSESSIVE),
    ("יה", "י", 10.0),
    ("ה", "", FEMININE),
    ("ת", "", 0.7),
    ("תי", "ה", 0.7),
    ("י", "", ADJECTIVE),
    ("י", "ה", 0.5),
    ("ני", "", 0.2),
]
PERSONS = ("ו", "ה", "י", "כ", "נו", "מ", "נ", "כמ", "כנ")
RULES += [("ת" + person, "ה", POSSESSIVE) for person in PERSONS]
RULES += [(person, "", 0.3) for person in PERSONS if person not in ("ה", "י")]
PERSONS_OF_MANY = ("יו", "יה", "ייכ", "יכ", "ינו", "יהמ", "יהנ", "יכמ", "יכנ")
RULES += [(person, "", POSSESSIVE) for person in PERSONS_OF_MANY]
RULES += [("ות" + person, "ות", 0.5) for person in PERSONS_OF_MANY]
RULES += [("ותמ", "ות", 0.3), ("ותנ", "ות", 0.3)]
BY_ENDING: dict[str, list[tuple[str, float]]] = {}
for _ending, _instead, _limit in RULES:
    BY_ENDING.setdefault(_ending, []).append((_instead, _limit))
LONGEST_ENDING = max(map(len, BY_ENDING))

IRREGULAR = {
    form: base
    for base, forms in {
        "אישה": "נשים נשי אשת אשה",
        "איש": "אנשים אנשי",
        "עיר": "ערים ערי",
        "בית": "בתים בתי ביתו ביתה",
        "בת": "בנות בנותיו בתו",
        "בנ": "בנים בניו",
        "שנה": "שנים שנות שנת",
        "יומ": "ימים ימי",
        "אח": "אחים אחי",
        "אחות": "אחיות",
        "אב": "אבות אבי",
        "אמ": "אימהות אמהות",
        "ראש": "ראשים ראשי",
        "שמ": "שמות",
        "צורכ": "צרכים צרכי צרכיהם",
    }.items()
    for form in forms.replace("ם", "מ").split()
}
#: Words of grammar, so frequent that they explain any form: they lend their endings to no noun (עלייה is not of על,
#: אחריות not of אחרי, לידה not of ליד). Those that are nouns, too (עם, עד, שם), are not among them.
GRAMMAR = frozenset(
    re.findall(
        r"\w+",
        "על אל של את אחרי לפני ליד אצל בינ תחת מול בלי כמו לפי מנ כי גמ רק לא או כל עוד יש אינ זה זו הוא היא המ הנ מה מי אז "
        "כדי אני אתה אנחנו אולי כבר יותר פחות בגלל אלא לכנ כאנ ככ עליו אליו אליה אחריו אחריה שלו שלה לו לה",
    )
)
FEW = 0.1
SHORTEST = 2
DEEPEST = 3
MOST = 3
STEP = 0.9  # what a step away from the form as written costs


def bases(word: str, frequencies: Frequencies, is_derived: bool = False) -> list[tuple[str, float]]:
    """The words one step nearer to the dictionary as (word, weight), at most three, the likeliest first."""
    if base := IRREGULAR.get(word):
        return [(base, STEP)]
    if word in GRAMMAR:
        return []
    written = frequencies.of(word)
    found: dict[str, float] = {}
    for ending, instead, limit in _rules(word):
        base = word[: -len(ending)] + instead
        if base == word or base in GRAMMAR or not (frequency := frequencies.of(base)):
            continue
        if (ending, instead) == ("י", "ה") and is_derived:
            continue
        if (ending, instead) == ("ות", "ת") and len(base) < 4:
            continue
        if (ending, instead) == ("אות", "ה") and frequencies.of(base[:-1] + "אה"):
            continue  # הוראות are of הוראה, not of הורה
        if ending == "נ" and not instead and len(base) == 3:
            continue  # יומן, ביתן: nouns of their own
        if (ending, instead) == ("ה", "") and is_derived and len(base) == 3:
            continue  # טבעת is no more of טבע through טבעה
        if (ending, instead) == ("ת", "") and _is_short_noun(base) and written > FEW * frequency:
            continue
        frequency += frequencies.of("ה" + base)  # many nouns stand mostly with their article
        if len(base) == SHORTEST:
            limit /= 4
        if written <= limit * frequency:
            likely = frequency * min(1.0, limit)
            found[base] = max(found.get(base, 0.0), likely)
    best = sorted(found.items(), key=lambda pair: -pair[1])[:MOST]
    return [
        (base, STEP * min(1.0, (likely / best[0][1]) ** 0.25))
        for base, likely in best
        if likely > best[0][1] / 30
    ]


def _is_short_noun(base: str) -> bool:
    """A noun whose form with ת is mostly another word (טבעת, רכבת), unlike that of participles (עובדת, מנהלת)."""
    return len(base) == 3 and base[1] != "ו" and base[0] != "מ"


def _rules(word: str) -> Iterator[tuple[str, str, float]]:
    """The rules that apply to a word."""
    for length in range(1, min(LONGEST_ENDING, len(word) - SHORTEST) + 1):
        ending = word[-length:]
        for instead, limit in BY_ENDING.get(ending, ()):
            yield ending, instead, limit


def lemmas(word: str, frequencies: Frequencies) -> dict[str, float]:
    """The word, its bases and theirs, each with its weight."""
    found = {word: 1.0}
    edge = [(word, 1.0)]
    for _ in range(DEEPEST):
        further = []
        for form, weight in edge:
            for base, share in bases(form, frequencies, is_derived=form != word):
                if found.get(base, 0.0) < weight * share and weight * share > 0.25:
                    found[base] = weight * share
                    further.append((base, weight * share))
        edge = further
    return found
