"""How deeds are handed down to what calls them."""

import pytest

from munistem.commons.hooks import Hook


def test_deed_that_is_handed_down_twice_is_done_once_with_what_the_caller_says():
    done = []
    hook = Hook(done.append)
    hook.register(done.append)
    hook(7)
    assert done == [7]


def test_one_that_fails_keeps_no_other_from_being_done():
    done = []

    def fail():
        raise ValueError("broken")

    with pytest.raises(ExceptionGroup) as raised:
        Hook(fail, lambda: done.append(1))()
    assert done == [1]
    assert [str(error) for error in raised.value.exceptions] == ["broken"]


def test_error_of_a_single_deed_is_its_own():
    def fail():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        Hook(fail)()
