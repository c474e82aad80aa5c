"""Acronyms and words of two scripts: תב״ל is compared as תבל, a year without its ה, סטם as STEM."""

import re

YEAR = re.compile(r"(?:[ובלהכמש]{0,3}?)(ה?תש[א-ת]{1,2})")
# The same word in two scripts; what the vocabulary says is added to it where the analyser is made.
TRANSLITERATED = {"סטמ": "stem", "סטימ": "stem", "סטאמ": "stem", "סטיימ": "steam"}
WEIGHT = 0.95


def year(word: str) -> str | None:
    """The year in a marked acronym, without its thousands and particles: בה תשפ״ה and התשפ״ה → תשפה."""
    if found := YEAR.fullmatch(word):
        return found[1].removeprefix("ה")
    return None
