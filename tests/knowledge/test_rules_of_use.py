"""Collections and adaptations: rules and querysets compared over the persons of the library's table."""

import pytest

from knowledge.enums import Shown
from knowledge.models import Adaptation, Collection, CollectionItem
from knowledge.rules import can_see_item
from knowledge.rules.use import can_see_adaptation, can_see_collection
from munistem.commons.enums import Visibility
from tests.knowledge.factories import make_adaptation, make_collection
from tests.knowledge.test_rules import PERSONS, World
from tests.members.factories import fresh, make_representative

pytestmark = pytest.mark.django_db


class UsedWorld(World):
    """The library's world, each item adapted in every way, and collections of all of them."""

    def __init__(self):
        super().__init__()
        for visibility in Visibility.values:
            for is_closed in (False, True):
                self.collect(visibility, is_closed)
        for item in self.items.values():
            for shown in Shown.values:
                make_adaptation(item, shown=shown)
        self.adapter = make_representative().person
        for item in self.items.values():
            make_adaptation(item, self.adapter, shown=Shown.NOBODY)

    def collect(self, visibility, is_closed):
        closed = {"closed_at": self.items["public published"].published_at, "closed_by": self.author}
        make_collection(
            *self.items.values(),
            visibility=visibility,
            community=self.community if visibility == Visibility.COMMUNITY else None,
            created_by=self.author,
            **(closed if is_closed else {}),
        )


EVERYBODY = {**PERSONS, "adapter": lambda world: world.adapter}


def test_rules_and_querysets_are_twins():
    world = UsedWorld()
    for name, make in EVERYBODY.items():
        person = make(world)
        for model, rule in [(Collection, can_see_collection), (Adaptation, can_see_adaptation)]:
            by_query = set(model.objects.visible_to(fresh(person)).values_list("pk", flat=True))
            reader = fresh(person)
            by_rule = {thing.pk for thing in model.objects.all() if rule(reader, thing)}
            assert by_query == by_rule, (name, model.__name__)
        reader = fresh(person)
        entries = set(CollectionItem.objects.visible_to(reader).values_list("pk", flat=True))
        assert entries == {
            row.pk
            for row in CollectionItem.objects.select_related("collection", "item")
            if can_see_collection(reader, row.collection)
            and row.item.published_id
            and not row.item.withdrawn_at
            and can_see_item(reader, row.item)
        }, name


SEES = {
    # who: collections that are open (p public, n network, c community) · adaptations of a public item by whom shown
    "visitor": ("p", "public"),
    "registered": ("p", "public"),
    "outsider": ("pn", "public network"),
    "colleague": ("pn", "public network"),
    "manager": ("pn", "public network nobody"),
    "former manager": ("p", "public"),
    "member": ("pnc", "public network"),
    "former member": ("p", "public"),
    "deactivated": ("p", "public"),
    "author": ("pnc", "public network nobody"),
    "knowledge manager": ("pnc", "public network nobody"),
    "admin": ("pnc", "public network nobody"),
}


def test_what_each_person_sees():
    world = UsedWorld()
    item = world.items["public published"]
    for who, (collections, adaptations) in SEES.items():
        person = fresh(PERSONS[who](world))
        seen = Collection.objects.visible_to(person).standing().values_list("visibility", flat=True)
        assert {visibility[0] for visibility in seen} == set(collections), who
        rows = Adaptation.objects.visible_to(person).filter(item=item).exclude(begun_by=world.adapter)
        assert set(rows.values_list("shown", flat=True)) == set(adaptations.split()), who


def test_who_adapts_always_sees_it():
    world = UsedWorld()
    seen = Adaptation.objects.visible_to(fresh(world.adapter)).filter(begun_by=world.adapter)
    assert {row.item.visibility for row in seen} == {Visibility.PUBLIC, Visibility.NETWORK}
