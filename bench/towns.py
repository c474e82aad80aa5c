"""All municipalities as members that answer every recommendation, with programmes: what the pages of policy are measured on."""

from datetime import date
from random import Random

from django.core.management import call_command
from django.utils import timezone

from members.enums import OrganisationType
from members.models import LocalAuthority, Organisation, User
from munistem.front.management.demo.register import more_authorities
from policy.enums import EndorsementState, Stance
from policy.models import Endorsement, Recommendation

#: Answers that need no signed page.
STANCES = (Stance.ALREADY_DOING, Stance.CONSIDERING, Stance.NOT_RELEVANT)
#: Municipalities of the register, and programmes that they have together.
REGISTER, PROGRAMMES = 259, 10_000


def fill_towns(authorities: int, programmes: int) -> None:
    """So many municipalities in all, each a member with an answer to every recommendation, and so many more programmes."""
    more_authorities(authorities)
    rows = LocalAuthority.objects.filter(organisation__isnull=True).defer("search_vector").order_by("pk")
    joined = [
        Organisation(
            type=OrganisationType.MUNICIPALITY,
            slug=f"town-{row.pk}",
            name_he=row.name_he,
            name_en=row.name_en,
            sort_name=row.name_he,
            authority=row,
            joined_on=date(2025, 1, 1),
        )
        for row in rows
    ]
    Organisation.objects.bulk_create(joined)
    answer(joined)
    call_command("load_programmes", programmes=programmes, authorities=authorities, verbosity=0)


def answer(towns: list[Organisation]) -> None:
    """Each answers each recommendation, the same every time."""
    rng, person = Random(26), User.objects.filter(is_staff=True).order_by("pk").first()
    recommendations = list(Recommendation.objects.in_force().order_by("pk"))
    Endorsement.objects.bulk_create(
        Endorsement(
            organisation=town,
            recommendation=one,
            version_id=one.current_version_id,
            stance=rng.choice(STANCES),
            state=EndorsementState.CONFIRMED,
            explanation="As measured.",
            submitted_by=person,
            answered_at=timezone.now(),
            answered_by=person,
        )
        for town in towns
        for one in recommendations
    )
