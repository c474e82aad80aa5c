"""The smallest valid things of the room members."""

import itertools
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.utils import timezone

from members.enums import ApplicationState, ArchiveState, AuthorityStatus, District, OrganisationType
from members.models import (
    Application,
    Archive,
    DeclineReason,
    Device,
    Invitation,
    LocalAuthority,
    Organisation,
    RegionalCluster,
    Representative,
    RoleHolding,
    TeamRequest,
    User,
)
from munistem.commons.search.actions import index

PASSWORD = "a long pass phrase 26"
numbers = itertools.count(1)


def make_user(**fields: Any) -> User:
    """A registered person; password is PASSWORD only when asked for by ``password=PASSWORD``."""
    number = next(numbers)
    password = fields.pop("password", None)
    person = User.objects.create_user(
        fields.pop("email", f"person{number}@example.org"),
        password,
        **{"name": f"Person {number}", "language": "en", **fields},
    )
    index(person)
    return person


def make_admin(**fields: Any) -> User:
    return make_user(**{"is_staff": True, "is_superuser": True, **fields})


def fresh(person: User | None) -> User | AnonymousUser:
    """The person as a request finds them, nothing remembered; a visitor when there is none."""
    return User.objects.get(pk=person.pk) if person else AnonymousUser()


def make_authority(**fields: Any) -> LocalAuthority:
    number = next(numbers)
    authority = LocalAuthority.objects.create(
        **{
            "cbs_code": 90_000 + number,
            "name_he": f"רשות {number}",
            "name_en": f"Authority {number}",
            "status": AuthorityStatus.CITY,
            "district": District.NORTH,
            **fields,
        }
    )
    index(authority)
    return authority


def make_cluster(**fields: Any) -> RegionalCluster:
    number = next(numbers)
    return RegionalCluster.objects.create(
        **{"slug": f"אשכול-{number}", "name_he": f"אשכול {number}", "name_en": f"Cluster {number}", **fields}
    )


def make_organisation(**fields: Any) -> Organisation:
    """An NGO unless told otherwise; a municipality or cluster gets its register row."""
    number = next(numbers)
    kind = fields.setdefault("type", OrganisationType.NGO)
    if kind == OrganisationType.MUNICIPALITY and "authority" not in fields:
        fields["authority"] = make_authority()
    if kind == OrganisationType.CLUSTER and "cluster" not in fields:
        fields["cluster"] = make_cluster()
    bound = fields.get("authority") or fields.get("cluster")
    names = {"name_he": bound.name_he, "name_en": bound.name_en} if bound else {"name_he": f"ארגון {number}"}
    fields = {"slug": f"organisation-{number}", **names, **fields}
    organisation = Organisation.objects.create(**{"sort_name": fields["name_he"], **fields})
    index(organisation)
    return organisation


def make_municipality(**fields: Any) -> Organisation:
    return make_organisation(type=OrganisationType.MUNICIPALITY, **fields)


def make_representative(
    person: User | None = None,
    organisation: Organisation | None = None,
    *,
    is_manager: bool = False,
    user: User | None = None,
    **fields: Any,
) -> Representative:
    """A mandate in force; person (or ``user=``) and organisation are made when not given."""
    person = person or user or make_user()
    mandate = Representative.objects.create(
        person=person, organisation=organisation or make_organisation(), is_manager=is_manager, **fields
    )
    person.__dict__.pop("mandates", None)
    index(person)
    return mandate


def make_member(**fields: Any) -> User:
    """A person of the network: acts for an organisation of its own."""
    organisation = fields.pop("organisation", None)
    is_manager = fields.pop("is_manager", False)
    return make_representative(make_user(**fields), organisation, is_manager=is_manager).person


def make_application(**fields: Any) -> Application:
    """A received application of an NGO unless told otherwise."""
    number = next(numbers)
    now = timezone.now()
    values = {
        "state": ApplicationState.RECEIVED,
        "type": OrganisationType.NGO,
        "organisation_name": f"Association {number}",
        "contact_name": f"Contact {number}",
        "email": f"contact{number}@association{number}.example",
        "role": "Director",
        "motive": "To learn with others.",
        "language": "en",
        "consented_at": now,
        "verified_at": now,
        "submitted_at": now,
        **fields,
    }
    if values["state"] == ApplicationState.DRAFT:
        values = {**values, "verified_at": None, "submitted_at": None, **fields}
    return Application.objects.create(**values)


def make_draft(**fields: Any) -> Application:
    """An application that is still being written."""
    return make_application(**{"state": ApplicationState.DRAFT, "description": "We teach.", **fields})


def make_decline_reason(**fields: Any) -> DeclineReason:
    number = next(numbers)
    return DeclineReason.objects.create(
        **{
            "code": f"reason-{number}",
            "text_he": f"סיבה {number}",
            "text_ar": f"سبب {number}",
            "text_en": f"Reason {number}",
            **fields,
        }
    )


def make_team_request(organisation: Organisation | None = None, **fields: Any) -> TeamRequest:
    number = next(numbers)
    return TeamRequest.objects.create(
        organisation=organisation or make_organisation(),
        **{
            "name": f"Colleague {number}",
            "email": f"colleague{number}@example.org",
            "language": "en",
            "state": "waiting",
            **fields,
        },
    )


def make_invitation(organisation: Organisation | None = None, **fields: Any) -> Invitation:
    number = next(numbers)
    return Invitation.objects.create(
        organisation=organisation or make_organisation(),
        **{
            "email": f"invited{number}@example.org",
            "invited_by": fields.pop("invited_by", None) or make_user(),
            "expires_at": timezone.now() + timedelta(days=14),
            **fields,
        },
    )


def make_holding(
    authority: LocalAuthority | None = None, person: User | None = None, **fields: Any
) -> RoleHolding:
    """Somebody holds the role since a year; ``name=`` for who has no account, ``until_on=`` for who held it."""
    if person is None and "name" not in fields:
        person = make_user()
    by = fields.pop("by", None) or person or make_admin()
    day = timezone.localdate()
    if fields.get("until_on"):
        fields = {"ended_at": timezone.now(), "ended_by": by, **fields}
    return RoleHolding.objects.create(
        **{
            "authority": authority or make_authority(),
            "person": person,
            "since_on": (fields.get("until_on") or day) - timedelta(days=365),
            "appointed_by": by,
            **fields,
        }
    )


def make_device(person: User | None = None, **fields: Any) -> Device:
    """A browser in which somebody was signed in once; no session is in it."""
    number = next(numbers)
    return Device.objects.create(**{"person": person or make_user(), "mark": f"mark {number}", **fields})


def make_archive(person: User | None = None, **fields: Any) -> Archive:
    """Packed and ready to be fetched."""
    now = timezone.now()
    archive = Archive(
        **{
            "person": person or make_user(),
            "state": ArchiveState.READY,
            "built_at": now,
            "expires_at": now + timedelta(days=7),
            **fields,
        }
    )
    archive.blob.save("archive.zip", ContentFile(b"PK\x05\x06" + b"\0" * 18), save=False)
    archive.save()
    return archive
