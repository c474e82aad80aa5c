"""Arabic: article and particles off where the rest is a word, endings off by rule and by Snowball, side by side."""

from functools import lru_cache

import snowballstemmer

from munistem.commons.search.analyser.frequencies import Frequencies

ARTICLES = ("وبال", "وال", "بال", "كال", "فال", "ولل", "ال", "لل")
PARTICLES = ("و", "ب", "ل", "ف", "ك")
ENDINGS = (
    "اتهما", "اتها", "اتهم", "اتهن", "اتنا", "اتكم", "اته", "اتي", "تهما", "تكم", "تهم", "تهن", "تنا", "ات", "ون", "ين", "ان", "تها", "ته", "تي", "هم", "هن", "ها", "نا",
    "كم", "وا", "ه", "ي",
)  # fmt: skip
# Broken plurals of the portal's words; the letters as `normalised` leaves them.
BROKEN = {
    plural: single
    for single, plurals in {
        "طالب": "طلاب طلبه", "برنامج": "برامج", "مدرسه": "مدارس", "مركز": "مراكز", "مشروع": "مشاريع", "منهج": "مناهج",
        "درس": "دروس", "علم": "علوم", "صف": "صفوف", "مجلس": "مجالس", "قسم": "اقسام", "مدير": "مدراء", "عضو": "اعضاء",
        "هدف": "اهداف", "شريك": "شركاء", "مورد": "موارد", "مجتمع": "مجتمعات", "ولد": "اولاد", "بنت": "بنات",
        "مدينه": "مدن", "قريه": "قري", "حق": "حقوق", "رقم": "ارقام", "كتاب": "كتب", "لغه": "لغات", "عام": "اعوام",
        "خطه": "خطط", "فكره": "افكار", "مهاره": "مهارات", "خبير": "خبراء", "عالم": "علماء", "مصدر": "مصادر",
    }.items()
    for plural in plurals.split()
}  # fmt: skip
STEMMER = snowballstemmer.stemmer("arabic")


@lru_cache(50_000)
def stem(word: str) -> str:
    return STEMMER.stemWord(word)


def bare(word: str, frequencies: Frequencies) -> str:
    """The word without article and particles; a lone particle goes only where the rest is known to the collection."""
    for article in ARTICLES:
        rest = word[len(article) :]
        if word.startswith(article) and (len(rest) >= 3 or (len(rest) == 2 and frequencies.of(rest))):
            return rest
    if len(word) > 3 and word[0] in PARTICLES and frequencies.of(word[1:]) >= frequencies.of(word):
        rest = word[1:]
        return rest if len(rest) > 3 else word
    return word


def readings(word: str, frequencies: Frequencies) -> dict[str, float]:
    """The terms of an Arabic word with their weights."""
    found = {word: 1.0}
    rest = bare(word, frequencies)
    found.setdefault(rest, 0.95)
    single = BROKEN.get(rest, rest)
    found.setdefault(single, 0.9)
    for ending in ENDINGS:
        if single.endswith(ending) and len(single) - len(ending) >= 3:
            found.setdefault("+" + single[: -len(ending)], 0.8)
            break
    else:
        if len(single) >= 3:
            found.setdefault("+" + single, 0.8)
    if len(stemmed := stem(single)) >= 3:
        found.setdefault("*" + stemmed, 0.8)
    return found
