"""Calls for proposals and municipalities whom they fit."""

from datetime import timedelta
from typing import Any

from knowledge.enums import ItemKind
from knowledge.models import Item
from members.models import LocalAuthority, Organisation
from munistem.commons.enums import LifeStage, Setting, Visibility
from tests.knowledge.factories import make_item
from tests.members.factories import make_municipality
from tests.moments import moment

#: A Tuesday without a holy day near it.
NOW = moment(2026, 11, 24, 10)


def make_call(days: int = 30, **fields: Any) -> Item:
    """A public call that closes in so many days from the Tuesday, for socio-economic clusters 1 to 5 unless told otherwise."""
    asked = fields.pop("asked", {"socioeconomic": "1-5"})
    deadline = (NOW.date() + timedelta(days=days)).isoformat()
    return make_item(
        **{
            "kind": ItemKind.CALL,
            "visibility": Visibility.PUBLIC,
            "life_stages": [LifeStage.PRIMARY],
            "settings": [Setting.FORMAL],
            "details": {"deadline": deadline, **asked},
            **fields,
        }
    )


def town_with(**facts: Any) -> Organisation:
    town = make_municipality()
    LocalAuthority.objects.filter(pk=town.authority_id).update(**facts)
    return town
