"""The words of municipal STEM that must meet, and those that only look alike, as they stand in bench/search/hand.json."""

from collections import Counter

from bench.search import hand


def test_every_text_that_must_be_found_is_and_no_other():
    meeting = hand.Meeting()
    keys = {text: key for key, text in meeting.texts.items()}
    score = hand.judge(meeting.search, keys)
    assert score.wrong == []
    assert score.found == score.wanted > 500
    assert score.kept_out == score.unwanted > 120


def test_the_cases_are_many_and_differ():
    cases = hand.cases()
    assert len({(case["kind"], case["query"]) for case in cases}) == len(cases) > 200
    languages = Counter(case["language"] for case in cases)
    assert languages["he"] > 200
    assert languages["ar"] > 30
    assert languages["en"] > 15


def test_a_miss_and_a_wrong_find_are_told():
    keys = {text: key for key, text in hand.texts().items()}
    nothing = hand.judge(lambda question: [], keys)
    everything = hand.judge(lambda question: keys.values(), keys)
    assert (nothing.found, nothing.kept_out) == (0, nothing.unwanted)
    assert (everything.found, everything.kept_out) == (everything.wanted, 0)
    assert len(nothing.wrong) == nothing.wanted
    assert len(everything.wrong) == everything.unwanted
