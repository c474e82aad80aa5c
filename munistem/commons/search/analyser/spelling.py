"""Full and defective spelling: a rarer form that lacks ו or י is led to the frequent full one (חנוך → חינוך)."""

from munistem.commons.search.analyser.frequencies import Frequencies
from munistem.commons.search.analyser.inflection import bases

# How many times as frequent the full form has to be: short words differ by one letter without being the same.
TIMES = {2: 1e9, 3: 12.0, 4: 3.0, 5: 0.8}
LONG = 0.3
INFLECTED = 10.0  # a form that a frequent word explains (מדינות, עבדים) is spelt as it should be
WEIGHT = 0.9
RARE = 0.3  # per million: such a form may lack two vowel letters
TOO_FULL = 8.0  # how many times as frequent a form with one letter less has to be (שיוויון → שוויון)
# Words that are written in two ways side by side, short ones and those of Aramaic; letters as `normalised` leaves them.
SIDE_BY_SIDE = {
    "כח": "כוח", "מח": "מוח", "דוגמא": "דוגמה", "סדנא": "סדנה", "טבלא": "טבלה", "קופסא": "קופסה", "בובא": "בובה",
    "צהריימ": "צוהריימ", "ראיונ": "ריאיונ", "אמא": "אימא", "לעתימ": "לעיתימ", "אתו": "איתו",
    "עכשו": "עכשיו", "בנתיימ": "בינתיימ", "מאד": "מאוד",
}  # fmt: skip
MOST = 12  # letters; longer words are names and mistakes


def squeezed(word: str) -> str:
    """Without the doubling of ו and י, which writers do or leave as they like."""
    while "וו" in word or "יי" in word:
        word = word.replace("וו", "ו").replace("יי", "י")
    return word


def insertions(word: str) -> set[str]:
    """The word with one ו or י more somewhere inside, but not where an ending would gain it (מקומית, מקומיות)."""
    return {
        word[:place] + letter + word[place:]
        for place in range(1, len(word) - (word[-1] in "תמהו"))
        for letter in "וי"
        if letter not in (word[place - 1], word[place])
    }


def full_spelling(word: str, frequencies: Frequencies) -> str | None:
    """The frequent form with one or two vowel letters more, if the word is likely to be its defective spelling."""
    if not 2 <= len(word) <= MOST:
        return None
    if other := SIDE_BY_SIDE.get(word):
        return other
    written = frequencies.of(word)
    times = TIMES.get(len(word), LONG)
    if any(frequencies.of(base) > written for base, _ in bases(word, frequencies)):
        times *= INFLECTED
    best, most = None, max(0.2, written * times)
    once = insertions(word)
    for longer in once:
        if (frequency := frequencies.of(longer)) > most:
            best, most = longer, frequency
    if best is None and written < RARE and 4 <= len(word) <= 8:
        for first in once:
            for longer in insertions(first):
                if (frequency := frequencies.of(longer)) > max(most, 2.0):
                    best, most = longer, frequency
    if best is None and len(word) >= 6 and written < 5 and not bases(word, frequencies):
        for place in range(1, len(word) - 1):
            shorter = word[:place] + word[place + 1 :]
            if word[place] in "וי" and frequencies.of(shorter) > max(1.0, written * TOO_FULL):
                return shorter
    return best


def consonants(word: str) -> str:
    """The word without vowel letters inside, for names that everybody spells otherwise."""
    return word[:1] + "".join(letter for letter in word[1:] if letter not in "אויה")
