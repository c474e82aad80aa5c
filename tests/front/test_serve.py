"""`make run` in small: what it refuses, and in which words."""

import os
import socket

import pytest
from django.core.management import CommandError

from munistem.front.management.commands import serve


def test_second_portal_on_the_same_data_is_told_where_the_first_one_is(tmp_path):
    lock = serve.hold(tmp_path, 8000)
    with pytest.raises(CommandError, match=r"already runs .*: http://127\.0\.0\.1:8000/"):
        serve.hold(tmp_path, 8001)
    os.close(lock)  # as the end of its process does
    lock = serve.hold(tmp_path, 8001)
    assert (tmp_path / "serve.lock").read_text() == "http://127.0.0.1:8001/"
    os.close(lock)


def test_taken_port_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken .* make run PORT={port + 1}"):
            serve.refuse_taken(port)
