"""Text into search terms for Hebrew, Arabic and English in one text: the one place that knows how words are compared.

An ``Analyser`` turns a text into index terms and a query into groups of weighted terms; alternatives of one word never
add up. It knows how often words are written – in general and in the collection – and so tells particles from letters.
"""

from munistem.commons.search.analyser.readings import Analyser, Group
from munistem.commons.search.analyser.tokens import Token, normalised, terms, tokens, words

__all__ = ["Analyser", "Group", "Token", "normalised", "terms", "tokens", "words"]
