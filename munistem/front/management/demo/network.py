"""The whole demo network in one transaction."""

from collections.abc import Callable
from datetime import date
from random import Random

from django.core.management import call_command
from django.db import connection, transaction

from members.models import LocalAuthority, User
from munistem.front.management.demo import (
    answers,
    briefs,
    calls,
    consultations,
    described,
    gatherings,
    library,
    people,
    places,
    plans,
    programmes,
    records,
    requests,
    roles,
    roundtables,
    searches,
    tables,
    talk,
    together,
    used,
    waiting,
)
from munistem.front.management.demo.pouring import Calendar
from policy.models import Recommendation

FIRST_ACCOUNT = "admin@munistem.example"
#: What a member municipality runs, and for how many school years it has been counting.
PROGRAMMES_A_TOWN, YEARS = 14, 4


def exists() -> bool:
    return User.objects.filter(email=FIRST_ACCOUNT).exists()


@transaction.atomic
def load(
    *,
    people_count: int,
    topics: int,
    posts: int,
    items: int,
    seed: int,
    today: date,
    tell: Callable[[str], object],
) -> None:
    """Write a network of these sizes; the same numbers, seed and day give the same network."""
    if not LocalAuthority.objects.exists():
        call_command("load_register", verbosity=0)
    if not Recommendation.objects.exists():
        call_command("load_founding_content", verbosity=0)
    rng = Random(seed)
    calendar = Calendar(today, rng)
    cast = people.gather(people_count, calendar, rng)
    requests.write_requests(cast, calendar, rng)
    tell(f"{len(cast.people)} people of {len(cast.organisations)} organisations")
    communities = places.communities(cast, topics, calendar, rng)
    talk.discuss(communities, cast, topics, posts, calendar, rng)
    tell(f"{max(posts, topics)} posts in {topics} topics of {len(communities)} communities")
    written = library.collect(communities, cast, items, calendar, rng)
    tell(f"{items} knowledge items")
    roundtables.convene(cast, calendar)
    answers.answer(cast, written, calendar, rng)
    together.stand_together_and_fall_silent(cast, calendar, Random(f"together {seed}"))
    answers.tell_periods()
    towns = [one.authority for one in cast.organisations if one.authority_id]
    programmes.run_programmes(towns, PROGRAMMES_A_TOWN * len(towns), YEARS, calendar, Random(seed))
    roles.hold_roles(cast, calendar, Random(seed))
    plans.plan(cast, calendar, Random(seed))
    briefs.sign(cast, calendar)
    gatherings.meet(communities, cast, calendar, rng)
    records.hold_meetings(communities, cast, calendar)
    consultations.consult(communities, cast, calendar, Random(seed))
    waiting.write_waiting(communities, cast, calendar, Random(seed))
    if items:
        described.describe(cast, calendar)
        calls.call_for_proposals(cast, calendar)
        used.use(cast, communities, calendar, Random(seed))
        tables.bring_in(cast, calendar, Random(seed))
    searches.look_in_vain(calendar)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
