"""English and whatever else is written in Latin letters: accents off, Snowball beside the word itself."""

import unicodedata
from functools import lru_cache

import snowballstemmer

STEMMER = snowballstemmer.stemmer("english")


@lru_cache(50_000)
def readings(word: str) -> dict[str, float]:
    """The terms of a word with their weights; a stem is marked, so that it meets stems only."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter)
    )
    found = {word: 1.0}
    found.setdefault(plain, 0.98)
    if plain.isascii() and plain.isalpha():
        found.setdefault("*" + STEMMER.stemWord(plain), 0.9)
    return found
