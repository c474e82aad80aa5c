"""Hebrew particles written together with the word behind them: הרשות → רשות, but משרד stays.

A stack of particles is taken off only if it explains how often the whole form is written: nouns carry ה in some two
cases of five, כשה in one of a thousand, so משרד, two hundred times as frequent as שרד, cannot be מ and שרד.
"""

from munistem.commons.search.analyser.frequencies import Frequencies

# How often a noun is written with these particles for each time it is written without, between the 75th and the
# 90th percentile over the thousand frequentest nouns of the general list.
SINGLE = {"ה": 0.6, "ב": 0.25, "ל": 0.2, "ו": 0.06, "מ": 0.04, "ש": 0.03, "כ": 0.012}
STACKS = SINGLE | {
    "וה": 0.024, "וב": 0.009, "ול": 0.005, "ומ": 0.002, "וש": 0.001, "וכ": 0.001,
    "מה": 0.018, "שה": 0.013, "שב": 0.003, "של": 0.001, "שמ": 0.001, "שכ": 0.0005,
    "כש": 0.002, "כשה": 0.001, "כשב": 0.0004, "כשל": 0.0003, "כשמ": 0.0003, "לכש": 0.0003, "לכשה": 0.0003,
    "ומה": 0.001, "ושה": 0.0004, "ושב": 0.0004, "ושל": 0.0003, "ושמ": 0.0003,
    "וכש": 0.0003, "וכשה": 0.0003, "ולכש": 0.0002, "ולכשה": 0.0002, "שמה": 0.0004,
    "מש": 0.0003, "משה": 0.0003, "בש": 0.0002, "שכש": 0.0002, "שכשה": 0.0002,
}  # fmt: skip
EXPLAINED = 5.0
DOUBTFUL = 12.0
NOUN = 0.12  # a form that takes ה itself at least so often is a noun as it stands: no particle follows ה
SHORTEST = 2
SECOND = 0.5
LONG = 6  # letters; so long a word stands behind a particle by no chance
CHANCE = 0.15  # per million: a form seen once in a collection may well be a rare stack before a known word


def rests(word: str) -> list[tuple[str, str]]:
    """Pairs of (particles, what stands behind them), the ו that is doubled behind a particle also written once."""
    found = []
    for length in range(1, min(5, len(word) - SHORTEST) + 1):
        if (stack := word[:length]) in STACKS:
            found.append((stack, word[length:]))
            if word.startswith("וו", length) and len(word) - length > SHORTEST:
                found.append((stack, word[length + 1 :]))
    return found


def without_particles(word: str, frequencies: Frequencies) -> dict[str, float]:
    """Readings of a form with their weights; the form itself is among them unless particles explain it."""
    found: dict[str, float] = {}
    edge = [(word, 1.0)]
    while edge:
        form, share = edge.pop()
        for reading, weight in _split(form, frequencies):
            if found.get(reading, 0.0) < share * weight:
                if reading != form and share * weight > SECOND / 2:
                    edge.append((reading, share * weight))
                if reading == form or _split(reading, frequencies)[0][0] == reading:
                    found[reading] = share * weight
    return found


def _split(word: str, frequencies: Frequencies) -> list[tuple[str, float]]:
    whole = frequencies.of(word)
    is_noun = whole > 0 and frequencies.of("ה" + word) > NOUN * whole
    splits: list[tuple[float, str]] = []
    for stack, rest in rests(word):
        if base := frequencies.of(rest):
            expected = STACKS[stack] * base
            if (base > 1 and len(rest) > 3) or (base > CHANCE and len(rest) >= LONG):
                expected = max(expected, CHANCE)
            surprise = whole / expected
            if is_noun:
                surprise *= 10
            elif stack == "ה" and len(rest) > 3:
                surprise /= 4  # many nouns stand mostly with their article (העירייה)
            if len(rest) == SHORTEST:
                surprise *= 3  # short words stand in every second form by chance
            if surprise <= DOUBTFUL:
                splits.append((surprise, rest))
    splits.sort()
    if not splits:
        return [(word, 1.0)]
    if splits[0][0] > EXPLAINED:
        return [(word, 1.0), (splits[0][1], SECOND)]
    readings = [(splits[0][1], 1.0)]
    if len(splits) > 1 and splits[1][0] < EXPLAINED:
        readings.append((splits[1][1], SECOND))
    if whole and splits[0][0] > 1:
        readings.append((word, SECOND))
    return readings
