"""What became of what was told: how many letters arrived, came back, wait."""

from datetime import timedelta

from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Lower, NullIf

from munistem.commons.mail.models import Bounce, MailState, OutgoingMail
from munistem.commons.notices.models import Notice, Rhythm

#: Mail that comes back later than this came back for another reason.
COMES_BACK = timedelta(days=7)
GATHERED = (Rhythm.DAILY, Rhythm.WEEKLY)


def outcome(kind: str, subject: str) -> dict[str, int]:
    """How many readers were told of events of a kind on a subject, and how; one query.

    Of letters at once: ``delivered`` (taken by the mail server and not come back), ``bounced``, ``doubtful``,
    ``on_the_way``. Of gathered mails: ``digest``, of which ``digest_waiting`` have not gone out. ``bell``: told in the
    portal only, or read there before a mail was due.
    """
    event, reader = Cast(OuterRef("event_id"), TextField()), Cast(OuterRef("reader_id"), TextField())
    alone = Concat(event, Value(":"), reader, output_field=TextField())
    key = Coalesce(NullIf(OuterRef("letter"), Value("", output_field=TextField())), alone)
    letter = OutgoingMail.objects.filter(key=key).values("state")[:1]
    back = Bounce.objects.filter(
        address=Lower(OuterRef("reader__email")),
        happened_at__lte=OuterRef("event__happened_at") + COMES_BACK,
    )
    rows = Notice.objects.filter(event__kind=kind, event__subject=subject)
    rows = rows.annotate(went=Subquery(letter), came_back=Exists(back))
    is_read = Q(mailed_at__isnull=True, read_at__isnull=False)
    fate = Case(
        When(Q(rhythm=Rhythm.BELL) | is_read, then=Value("bell")),
        When(rhythm__in=GATHERED, mailed_at__isnull=True, then=Value("digest_waiting")),
        When(rhythm__in=GATHERED, then=Value("digest_mailed")),
        When(Q(went=MailState.REFUSED) | Q(came_back=True), then=Value("bounced")),
        When(went=MailState.DOUBTFUL, then=Value("doubtful")),
        When(Q(mailed_at__isnull=True) | Q(went__in=UNSENT), then=Value("on_the_way")),
        default=Value("delivered"),
        output_field=TextField(),
    )
    names = ("delivered", "bounced", "doubtful", "on_the_way", "digest_waiting", "digest_mailed", "bell")
    told = rows.annotate(fate=fate).aggregate(
        **{f"n_{name}": Count("pk", filter=Q(fate=name)) for name in names}
    )
    found = {name: told[f"n_{name}"] for name in names}
    found["digest"] = found.pop("digest_mailed") + found["digest_waiting"]
    return found


UNSENT = (MailState.WAITING, MailState.HANDING, MailState.FAILED)
