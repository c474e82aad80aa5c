"""The questions of tests/house/test_fuzz.py, asked many times more."""

import os

os.environ.setdefault("FUZZ", "800")

from tests.house.test_fuzz import pytestmark as pytestmark
from tests.house.test_fuzz import (
    test_whatever_is_asked_is_answered as test_whatever_is_asked_is_answered,
)
from tests.house.test_fuzz import (
    test_whatever_is_filled_in_is_taken_or_comes_back_with_a_reason as test_whatever_is_filled_in_is_taken_or_comes_back_with_a_reason,
)
from tests.house.test_fuzz import (
    test_whatever_stands_in_an_address_is_answered as test_whatever_stands_in_an_address_is_answered,
)
from tests.house.test_fuzz import world as world
