"""The ground of a demo network for tests, and a small one upon it."""

from datetime import date

from django.core.management import call_command

from tests.knowledge.factories import make_term
from tests.members.factories import make_authority, make_cluster
from tests.policy.factories import make_recommendation

SMALL = {"people": 20, "topics": 14, "posts": 60, "items": 14, "today": date(2026, 11, 24), "verbosity": 0}


def make_ground() -> None:
    """As much of register, vocabulary and founding content as the demo stands on."""
    cluster = make_cluster()
    for code, group in (
        (1139, "mixed"),
        (7300, "arab"),
        (9000, "jewish"),
        (7700, "jewish"),
        (2800, "jewish"),
    ):
        make_authority(cbs_code=code, population_group=group, name_ar=f"بلدة {code}", cluster=cluster)
    for _ in range(10):
        make_authority()
    for _ in range(5):
        make_recommendation()
        make_term()


def load(**options) -> None:
    """Load the small network, or one of other options."""
    call_command("load_demo", **{**SMALL, **options})
