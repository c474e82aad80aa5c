"""Make ``data/hebrew.frequencies`` anew: ``python -m munistem.commons.search.gather`` where `wordfreq` is installed.

Only this module knows `wordfreq`; the portal reads the file. Run it in an environment of its own:
``python -m venv scratch && scratch/bin/pip install wordfreq && scratch/bin/python -m munistem.commons.search.gather``.
"""

import sys
from array import array
from collections import defaultdict

from munistem.commons.search.analyser.frequencies import FILE, number, step
from munistem.commons.search.analyser.tokens import normalised

RAREST = 0.04  # per million: what is rarer is mostly misspelt, and tells nothing about a base


def gather() -> bytes:
    """The bytes of the file, from wordfreq's large Hebrew list."""
    from wordfreq import get_frequency_dict

    found: dict[int, float] = defaultdict(float)
    for word, share in get_frequency_dict("he", "large").items():
        if key := number(normalised(word)):
            found[key] += share * 1e6
    kept = sorted((key, per_million) for key, per_million in found.items() if per_million >= RAREST)
    numbers = array("Q", [key for key, _ in kept])
    if sys.byteorder != "little":
        numbers.byteswap()
    steps: dict[float, int] = {}
    return numbers.tobytes() + bytes(
        steps.setdefault(per_million, step(per_million)) for _, per_million in kept
    )


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    content = gather()
    FILE.write_bytes(content)
    print(f"{len(content) // 9:,} words, {len(content):,} bytes")
