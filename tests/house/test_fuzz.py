"""Forms, queries and addresses filled in at random, by hypothesis: a clear answer, nothing lost, every refusal explained.

Where test_bad_input.py sends each odd value to each place, here odd values, honest ones and empty ones meet in one form, as
chance has it. ``FUZZ`` says how many pages are tried for each question (tests/heavy/heavy_fuzz.py tries many); every run tries
the same ones, ``--hypothesis-profile hunt`` others.
"""

import html
import re
import urllib.parse

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from munistem.environment import env
from tests.house import forms
from tests.house.test_bad_input import CORPUS, LONG, UNREADABLE, Visit, addresses, doors, visit_of
from tests.house.test_bad_input import world as world
from tests.house.test_roles import patterns

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAGES = int(env("FUZZ", "120"))
ROLES = ("visitor", "member", "cmember", "facilitator", "manager", "knowledge", "admin")
#: Faults are gathered and told at the end: pages hold keys of their own, so that no example can be made smaller.
at_random = settings(max_examples=PAGES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))

odd = st.sampled_from([*CORPUS.values(), *LONG.values(), *UNREADABLE.values()])
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60).map(str.encode)
honest = st.sampled_from(
    [
        "",
        "מעבדה בבית ספר",
        "مختبر في المدرسة",
        "A lab & 'two' <schools>",
        "2027-03-31",
        "7",
        "dana@member.example",
    ]
).map(str.encode)
numbers = st.integers(-(2**70), 2**70).map(lambda number: str(number).encode())
dates = st.datetimes().map(lambda moment: moment.isoformat().encode())
anything = st.one_of(honest, words, numbers, dates, odd, st.binary(max_size=40))
#: What one page gets: drawn before it is looked at, because what it asks for differs from run to run (keys, tokens).
pools = st.lists(anything, min_size=12, max_size=12)
moods = st.lists(st.integers(0, 9), min_size=12, max_size=12)
#: What nobody sees again once it was sent, or what is no text of the person's.
SECRET = re.compile(r"password|code|token|nonce|version|csrf")
SEALS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy")


def check_answer(visit: Visit, path: str, answer, what: str) -> None:
    """Sealed as every answer is, and leading nowhere else."""
    for seal in SEALS:
        if seal not in answer.headers:
            visit.faults.append(f"{path} with {what}: {answer.status_code} without {seal}")
    place = urllib.parse.urlsplit(answer.headers.get("Location", ""))
    if place.netloc not in ("", "testserver") or place.scheme not in ("", "http"):
        visit.faults.append(f"{path} with {what} leads to {answer.headers['Location']}")


def is_shown(value: bytes, page: str) -> bool:
    """Whether what was typed stands on the page; line ends and blanks at the edges may differ."""
    text = value.decode().replace("\r\n", "\n").replace("\r", "\n").strip()
    return text in page


def check_kept(visit: Visit, path: str, answer, form: forms.Form, sent: dict[str, list[bytes]]) -> None:
    """A form that comes back says why, and holds what was typed."""
    if answer.status_code not in (200, 409, 422) or not answer["Content-Type"].startswith("text/html"):
        return
    source = answer.content.decode()
    if answer.status_code == 200 and not any(f'name="{name}"' in source for name in form.free):
        return  # taken: another page says what comes next
    page = html.unescape(source).replace("\r\n", "\n").replace("\r", "\n")
    if 'role="alert"' not in source and "errorlist" not in source and 'role="status"' not in source:
        visit.faults.append(f"{path} refuses {sent!r:.300} without a word")
    for name in form.free:
        for value in sent.get(name, ()):
            if not SECRET.search(name) and not is_shown(value, page):
                visit.faults.append(f"{path} forgets {value!r:.120} in {name}")


def filled_in(form: forms.Form, pool: list[bytes], mood: list[int]) -> tuple[dict[str, list[bytes]], bool]:
    """A form as people, programs and people who mean harm send it: most as it is meant, some left out, doubled or forged.

    And whether it is one that a browser could send: what was forged need not come back.
    """
    sent = {name: [value.encode() for value in values] for name, values in form.data.items()}
    is_forged = False
    for place, name in enumerate(sorted(sent)):
        value, how = pool[place % 12], mood[place % 12]
        if name in form.free or (name in form.chosen and how > 6):
            sent[name] = [value]
        if how < 2:
            sent[name] = [value, pool[how]] if how else []
            is_forged = True
    return sent, is_forged


def test_whatever_is_filled_in_is_taken_or_comes_back_with_a_reason(world):
    places = sorted({*addresses(world), *doors()})
    visits = {role: visit_of(world, role) for role in ROLES}
    tried = []

    @at_random
    @given(st.sampled_from(ROLES), st.sampled_from(places), st.integers(0, 20), pools, moods)
    def try_one(role, path, number, pool, mood):
        visit = visits[role]
        answer = visit.get(path)
        check_answer(visit, path, answer, "nothing odd")
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            return
        if found := [form for form in forms.forms_of(answer.content.decode()) if form.names]:
            form = found[number % len(found)]
            sent, is_forged = filled_in(form, pool, mood)
            target = (form.action or path).partition("#")[0].partition("?")[0]
            answer = visit.fill_in(target, sent, f"{sent!r:.400}")
            check_answer(visit, target, answer, f"{sent!r:.200}")
            if not is_forged:
                check_kept(visit, target, answer, form, sent)
            tried.append(target)

    try_one()
    assert faults_of(visits) == []
    assert len(tried) > PAGES // 10


def faults_of(visits: dict[str, Visit]) -> list[str]:
    return [fault for visit in visits.values() for fault in visit.faults]


def test_whatever_is_asked_is_answered(world):
    places = sorted({*addresses(world), *doors()})
    visits = {role: visit_of(world, role) for role in ROLES}
    names = (
        "page",
        "q",
        "next",
        "in",
        "lang",
        "kind",
        "year",
        "sort",
        "stage",
        "from",
        "to",
        "go",
        "place",
        "after",
    )

    @at_random
    @given(
        st.sampled_from(ROLES),
        st.sampled_from(places),
        st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]),
        st.dictionaries(st.sampled_from(names), st.lists(anything, min_size=1, max_size=2), max_size=5),
    )
    def try_one(role, path, method, asked):
        visit = visits[role]
        query = urllib.parse.urlencode(asked, doseq=True)
        answer = visit.ask(method, path, query, what=f"{asked!r:.300}")
        check_answer(visit, path, answer, f"{method} {asked!r:.200}")

    try_one()
    assert faults_of(visits) == []


def test_whatever_stands_in_an_address_is_answered(world):
    routes = sorted(route for route, _pattern in patterns() if "<" in route)
    visits = {role: visit_of(world, role) for role in ROLES}

    @at_random
    @given(st.sampled_from(ROLES), st.sampled_from(routes), st.lists(anything, min_size=4, max_size=4))
    def try_one(role, route, values):
        left = [value[:300] for value in values]
        path = "/" + re.sub(
            r"<[^>]+>", lambda _place: urllib.parse.quote_from_bytes(left.pop(), safe=""), route
        )
        visit = visits[role]
        check_answer(visit, path, visit.get(path, what="an odd address"), "an odd address")

    try_one()
    assert faults_of(visits) == []
