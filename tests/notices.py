"""Who was told what."""

from munistem.commons.notices.models import Notice


def told(kind: str) -> list[str]:
    """Names of those who were told of events of this kind."""
    return sorted(Notice.objects.filter(event__kind=kind).values_list("reader__name", flat=True))


def told_pairs(*kinds: str) -> list[tuple[str, str]]:
    """Every notice as kind and name of its reader; of some kinds alone when they are given."""
    notices = Notice.objects.filter(event__kind__in=kinds) if kinds else Notice.objects.all()
    return sorted(notices.values_list("event__kind", "reader__name"))
