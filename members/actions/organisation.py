"""How the organisation of an application becomes a member of the network, and how it is removed again."""

from typing import Any

from django.db import connection, transaction
from django.db.models import DateField, ProtectedError, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from members import rules
from members.enums import OrganisationType
from members.models import Application, Organisation
from munistem.commons import audit
from munistem.commons.search.actions import index
from munistem.commons.text.slugs import free_slug

LANGUAGES = ("he", "ar", "en")


class MemberAlready(Exception):
    """The organisation of this row of the register is a member; ``organisation`` says which."""

    def __init__(self, organisation: Organisation):
        super().__init__(str(organisation))
        self.organisation = organisation


@transaction.atomic
def take_in(*, by: Any, application: Application) -> tuple[Organisation, bool]:
    """The organisation of an application as a member, and whether it is new; one that had left is taken up again.

    Admissions stand in a queue, so that two never make the same organisation. Raises MemberAlready.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('members.take_in'))")
    known = standing_for(application)
    if known and known.left_on is None:
        raise MemberAlready(known)
    if known:
        ended = Greatest(
            "from_on", Value(known.left_on, DateField())
        )  # who acted for it then has to be asked in anew
        known.representatives.filter(until_on__isnull=True).update(until_on=ended, ended_by=by)
        known.left_on, known.joined_on = None, timezone.localdate()
        known.save(update_fields=["left_on", "joined_on"])
        audit.record("take_up_organisation", known, by=by)
        return known, False
    organisation = Organisation(type=application.type, about=application.description, **names_of(application))
    bound = application.authority or application.cluster
    organisation.authority, organisation.cluster = application.authority, application.cluster
    organisation.website = application.website or (bound.website if bound else "")
    organisation.sort_name = organisation.name_he or organisation.name
    organisation.slug = free_slug(Organisation, organisation.name_en or organisation.name)
    organisation.email_domain = free_domain(application.email)
    organisation.save()
    audit.record("found_organisation", organisation, by=by, application=application.pk)
    index(organisation)
    return organisation, True


def standing_for(application: Application) -> Organisation | None:
    """The organisation, member or not any more, that is bound to the application's row of the register."""
    rows = Organisation.objects.select_for_update(of=("self",)).defer("search_vector")
    if application.type == OrganisationType.MUNICIPALITY:
        return rows.filter(authority=application.authority_id).first()
    if application.type == OrganisationType.CLUSTER:
        return rows.filter(cluster=application.cluster_id).first()
    return None


def names_of(application: Application) -> dict[str, str]:
    """In all languages from the register, else in the language in which the applicant wrote."""
    if bound := application.authority or application.cluster:
        return {f"name_{code}": getattr(bound, f"name_{code}") for code in LANGUAGES}
    return {f"name_{application.language}": application.organisation_name}


def free_domain(email: str) -> str:
    """The domain of an address, unless everyone may have one there or another member holds it."""
    domain = rules.work_domain(email)
    return "" if Organisation.objects.filter(email_domain__iexact=domain).exists() else domain


def remove(*, by: Any, organisation: Organisation) -> bool:
    """Delete an organisation on which nothing stands yet; answers False, and changes nothing, where something does."""
    try:
        with transaction.atomic():
            row = Organisation.objects.select_for_update().defer("search_vector").get(pk=organisation.pk)
            audit.record("remove_organisation", row, by=by)
            row.delete()
    except ProtectedError:
        return False
    return True
