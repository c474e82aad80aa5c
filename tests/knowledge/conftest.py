import pytest

from tests.members.factories import make_user


@pytest.fixture
def reviewer():
    return make_user(name="Reviewer", is_knowledge_manager=True)
