"""How gunicorn serves the portal; every choice with its reason. Used by `manage.py serve` and in production alike."""

import gc
import os
from contextlib import suppress
from pathlib import Path

from munistem.environment import switch
from munistem.watch import logs

wsgi_app = "munistem.wsgi:application"
bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# Threads, because a page waits for the database a third of its time; two processes, because Python computes in one
# thread at a time. Measured ahead of sync workers (1.3–1.7 ×) and of ASGI (2 ×) on two cores.
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)

# Import the code once, before the fork: half the memory, and the first page is as quick as the second.
preload_app = True

# Connections kept open between requests; a proxy in front keeps its own, so this may be short.
keepalive = 10
# A worker that gives no sign of life this long is replaced. Threads that stream a large upload do give it.
timeout = 60
# Requests in flight at a stop may finish; docker and systemd wait longer than this before they kill.
graceful_timeout = 20
# Against slow growth of memory; the jitter keeps the workers from leaving together.
max_requests = 20_000
max_requests_jitter = 2_000
# Hebrew and Arabic in an address take six bytes a letter; searches are long.
limit_request_line = 8190
# Signs of life go to memory where there is some: a busy disk must not look like a dead worker.
MEMORY = "/dev/shm"  # noqa: S108 – gunicorn makes files of unguessable names there and unlinks them at once
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None
# gunicorn would open a control socket below $HOME, which may be closed or missing; nobody uses it.
control_socket_disable = True

errorlog = "-"
# The service's own words go the way of the portal's: one JSON object an event in production.
logconfig_dict = logs.configuration(is_trial=switch("DEBUG"))
loglevel = os.environ.get("LOG_LEVEL", "info").lower()
# No access log of our own: the proxy keeps one, and addresses of readers are personal data.
accesslog = os.environ.get("ACCESS_LOG") or None
proc_name = "munistem"
chdir = str(Path(__file__).resolve().parent.parent)


def look_ahead():
    """What else the first page would import: all views, the words of each language, the frame of pages.

    A second of work in each process: a worker that was killed is followed by one that answers at once. No database is asked.
    """
    from django.conf import settings
    from django.template import TemplateDoesNotExist
    from django.template.loader import get_template
    from django.urls import get_resolver
    from django.utils.translation import gettext, override

    get_resolver().reverse_dict  # noqa: B018 – being read is what fills it
    with suppress(TemplateDoesNotExist):  # the floor of bench/ has no pages
        get_template("base.html")
    for code, _name in settings.LANGUAGES:
        with override(code):
            gettext("Search")


def when_ready(server):
    """Before the fork: nothing may share a database connection, and what lives now lives for good."""
    from django.db import connections

    look_ahead()
    connections.close_all()
    gc.collect()
    gc.freeze()


def post_worker_init(worker):
    """Each worker gives back what large pages took, and refuses what it cannot read in words of ours."""
    from gunicorn import util

    from munistem import memory, refusals

    util.write_error = refusals.write
    memory.give_back_often()


def worker_exit(server, worker):
    """A worker that leaves in good order adds what it counted; one that is killed loses half a minute of numbers."""
    from knowledge.actions.counting import TALLY

    TALLY.write()
