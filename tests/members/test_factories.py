import pytest

from tests.members import factories

MAKERS = [name for name in vars(factories) if name.startswith("make_")]


@pytest.mark.django_db
@pytest.mark.parametrize("maker", MAKERS)
def test_factory_makes_a_valid_thing_twice(maker):
    make = getattr(factories, maker)
    first, second = make(), make()
    assert first != second
    first.full_clean(exclude=["password"])
