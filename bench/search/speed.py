"""How long a search takes among many texts, how large the index is, and how fast texts are read.

The texts are made of the open Hebrew sets' sentences put together anew (of the hand test's where these are missing),
so that words are as frequent as in real texts; the questions are the sets' own and words of every frequency.
"""

import random
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection

from bench.search import collection, hand, sets

SENTENCES = 6  # of a text
TITLE = 6  # its first words, which are its title, too
QUESTIONS = 300
COUNTED = 10_000  # texts whose words are counted for the analyser
WARM, SHOWN = 20, 20


def percentiles(times: list[float]) -> dict[str, float]:
    """Milliseconds that half of the questions, and 95 of 100, do not exceed."""
    ordered = sorted(times)
    return {
        "p50": round(ordered[len(ordered) // 2], 1),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
    }


def material() -> tuple[list[str], list[str]]:
    """Sentences, and questions."""
    if not (folder := sets.place()):
        return list(hand.texts().values()), [case["query"] for case in hand.cases()]
    loaded = [sets.load(folder, name) for name in ("heq", "parashoot", "titles")]
    sentences = [
        part for texts, _ in loaded for _, text in texts for part in text.split(". ") if len(part) > 40
    ]
    questions = [question.text for _, asked in loaded for question in asked]
    return sentences, questions


def texts(sentences: list[str], number: int) -> Iterator[tuple[str, str]]:
    chance = random.Random(1)
    for key in range(number):
        yield str(key), ". ".join(chance.choices(sentences, k=SENTENCES))


def measure(number: int) -> list[dict[str, Any]]:
    """Rows of figures, printed as they are known."""
    sentences, questions = material()
    begun, cpu = time.perf_counter(), time.process_time()
    collection.begin(texts(sentences, min(number, COUNTED)))
    collection.add(texts(sentences, number), TITLE)
    read = time.process_time() - cpu
    collection.finish()
    indexed = time.perf_counter() - begun
    chance = random.Random(2)
    asked = chance.sample(questions, min(QUESTIONS, len(questions)))
    single = [chance.choice(chance.choice(sentences).split()) for _ in range(len(asked) // 3)]
    rows: list[dict[str, Any]] = []
    for name, several in (("questions", asked), ("single words", single)):
        for question in several[:WARM]:
            collection.search(question, SHOWN)
        times = []
        for question in several:
            begun = time.perf_counter()
            collection.search(question, SHOWN)
            times.append((time.perf_counter() - begun) * 1000)
        rows.append({"set": f"speed {number}", "engine": name, "n": len(times)} | percentiles(times))
    rows[0] |= {
        "index_mb": size(),
        "texts_per_s": round(number / indexed),
        "read_per_cpu_s": round(number / read),
    }
    for row in rows:
        print(row, flush=True)
    return rows


def size() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('bench_text_search') / 1e6::float")
        return round(cursor.fetchone()[0], 1)
