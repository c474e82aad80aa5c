"""``python -m bench.mail``: an announcement to 2,000 members – queued, handed over by one worker, and with that worker killed."""

import argparse
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any

from aiosmtpd.controller import Controller

from bench.network import ROOT, Network, environment, ready
from bench.serving import free_port

#: Whom it tells it makes itself; beside them stands next to nothing.
MAIL = Network("mail", people=40, topics=60, posts=300, items=10)


class Sink:
    """A mail server that notes what it takes, and when."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, str]] = []
        self.enough, self.limit = threading.Event(), 0

    def after(self, more: int) -> threading.Event:
        """Set once so many letters more have come."""
        self.enough, self.limit = threading.Event(), len(self.taken) + more
        return self.enough

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken += [(time.perf_counter(), address) for address in envelope.rcpt_tos]
        if self.limit and len(self.taken) >= self.limit:
            self.enough.set()
        return "250 taken"


def audience(count: int) -> Any:
    """A community whose members want everything at once, and an announcement in it."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from communities.models import Community, Membership, Post, Topic
    from munistem.commons.audit.actions import key
    from munistem.commons.notices.models import Choice, Rhythm

    stamp = int(time.time())
    users = get_user_model().objects
    people = users.bulk_create(
        users.model(
            email=f"reader{number}.{stamp}@portal.example",
            name=f"Reader {number}",
            language=("he", "ar", "en")[number % 3],
            is_knowledge_manager=True,
        )
        for number in range(count + 1)
    )
    community = Community.objects.create(slug=f"bench-{stamp}", name=f"Bench {stamp}", purpose="To measure")
    Membership.objects.bulk_create(
        Membership(community=community, person=person, state="active") for person in people
    )
    Choice.objects.bulk_create(
        Choice(person=person, scope=key(community), rhythm=Rhythm.AT_ONCE) for person in people
    )
    now, author = timezone.now(), people[0]
    fields = {"author": author, "created_at": now}
    topic = Topic.objects.create(
        community=community,
        kind="announcement",
        title="To all",
        last_post_at=now,
        last_post_by=author,
        **fields,
    )
    Post.objects.create(topic=topic, number=1, body="<p>We meet on Monday in the new lab.</p>" * 5, **fields)
    return topic


def worker() -> subprocess.Popen:
    """One worker as in production, until no job is left."""
    command = [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot", "--concurrency=1"]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )


def announce(count: int) -> float:
    """Tell them; returns how long the queueing took, in seconds."""
    from communities.emails import tell_of_topic

    topic = audience(count)
    begun = time.perf_counter()
    tell_of_topic(topic.pk)
    return time.perf_counter() - begun


def take_up_jobs_of_the_dead() -> None:
    """What the portal's own clock does after half a minute."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set status = 'todo', worker_id = null where status = 'doing'"
        )


def wait_for(process: subprocess.Popen) -> None:
    """Until the worker has ended; raises SystemExit when it failed."""
    if process.wait():
        raise SystemExit("The worker failed.")


def processor_time() -> float:
    """Seconds of workers that ended, which other load on the machine does not change."""
    of_workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_workers.ru_utime + of_workers.ru_stime


def measure(sink: Sink, count: int) -> None:
    """How long it takes to queue so many letters, and to hand them over."""
    queued = announce(count)
    begun, before = time.perf_counter(), processor_time()
    wait_for(worker())
    used = processor_time() - before
    times = [moment for moment, _address in sink.taken]
    whole = times[-1] - begun
    rate = (len(times) - 1) / (times[-1] - times[0])
    print(f"queued {count} in {queued:.2f} s")
    print(f"handed over {len(times)}: {rate:.0f} a second; {len(times) / whole:.0f} with start and composing")
    print(
        f"the worker used {used:.1f} s of a processor, start and composing included: {count / used:.0f} a second"
    )


def kill_in_the_middle(sink: Sink, count: int) -> None:
    """Kill a worker when half of the letters are handed over, and let another go on; raises SystemExit when one is lost or doubled."""
    from django.utils import timezone

    from munistem.commons.mail.models import MailState, OutgoingMail

    sink.taken.clear()
    since = timezone.now()
    announce(count)
    enough = sink.after(count // 2)
    process = worker()
    if not enough.wait(300):
        raise SystemExit("The worker did not come so far.")
    process.send_signal(signal.SIGKILL)
    process.wait()
    take_up_jobs_of_the_dead()
    wait_for(worker())
    times = Counter(address for _moment, address in sink.taken)
    doubtful = OutgoingMail.objects.filter(state=MailState.HANDING, begun_at__gte=since).count()
    twice = sum(number > 1 for number in times.values())
    print(f"killed in the middle: {len(times)} of {count} have it, {twice} twice, {doubtful} doubtful")
    if twice or doubtful > 1 or len(times) + doubtful < count:
        raise SystemExit("Somebody has none or two.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    count = parser.parse_args().count
    environment(MAIL)
    port = free_port()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    import django

    django.setup()
    from django.conf import settings

    settings.MAIL_RESTS = False
    ready(MAIL)
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        measure(sink, count)
        kill_in_the_middle(sink, count)
    finally:
        controller.stop()


if __name__ == "__main__":
    main()
