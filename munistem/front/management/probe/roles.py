"""Who probes: a person of every role, with a password and, where it is asked for, a second factor."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from members.enums import ApplicationState, AuthorityStatus, District, OrganisationType
from members.models import Application, LocalAuthority, Organisation, Representative, User
from munistem.commons.search.actions import index

MATRIX = [
    *("anon", "registered", "pending", "member", "manager", "outsider", "cmember", "facilitator", "editor"),
    *("exmember", "deactivated", "admin"),
]
#: Roles that act for a member organisation or serve the network.
NETWORK = ["member", "manager", "outsider", "cmember", "facilitator", "editor", "exmember", "admin"]
RIGHTS: dict[str, dict[str, Any]] = {
    "editor": {"is_knowledge_manager": True},
    "admin": {"is_staff": True, "is_superuser": True},
    "staffnomfa": {"is_staff": True},
    "staffb": {"is_staff": True},
}
WITH_SECRET = ("admin", "staffb", "mfauser")
OTHERS = (
    "staffnomfa",
    "staffb",
    "mfauser",
    "victim1",
    "victim2",
    *(f"spray{number}" for number in range(1, 26)),
)
CODE = 99_001


class Cast:
    """People by role, their passwords, and the organisations they act for."""

    def __init__(self) -> None:
        self.people: dict[str, User] = {}
        self.told: dict[str, Any] = {"anon": None}
        self.town = self.organisation("town", OrganisationType.MUNICIPALITY, authority=self.authority())
        self.company = self.organisation("company", OrganisationType.COMPANY)
        self.circle = self.organisation("circle", OrganisationType.NGO)
        for role in (*MATRIX[1:], *OTHERS):
            self.add(role)
        for role, organisation in (
            *(
                ("member", self.town),
                ("manager", self.town),
                ("outsider", self.company),
                ("cmember", self.circle),
            ),
            *(("facilitator", self.circle), ("exmember", self.circle), ("deactivated", self.circle)),
            *(("victim1", self.circle), ("victim2", self.circle), ("mfauser", self.circle)),
        ):
            person = self.people[role]
            Representative.objects.create(
                organisation=organisation, person=person, is_manager=role == "manager"
            )
            index(person)
        self.application = self.apply()

    def add(self, role: str) -> None:
        password, email = secrets.token_urlsafe(16), f"{role}@probe.example"
        person = User.objects.create_user(
            email, password, name=f"Probe {role}", language="en", **RIGHTS.get(role, {})
        )
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        index(person)
        self.people[role] = person
        self.told[role] = {"user": email, "username": email, "password": password}
        if role in WITH_SECRET:
            secret = generate_totp_secret()
            TOTP.activate(person, secret)
            self.told[role]["totp"] = secret

    def authority(self) -> LocalAuthority:
        fields = {
            "name_he": "עיר הבדיקה",
            "name_en": "Probe Town",
            "status": AuthorityStatus.CITY,
            "district": District.NORTH,
        }
        authority, is_new = LocalAuthority.objects.get_or_create(cbs_code=CODE, defaults=fields)
        if is_new:
            index(authority)
        return authority

    def organisation(self, slug: str, kind: str, **bound: Any) -> Organisation:
        name = f"Probe {slug}"
        row = Organisation.objects.create(
            slug=f"probe-{slug}", type=kind, name_he=name, name_en=name, sort_name=name, **bound
        )
        index(row)
        return row

    def apply(self) -> Application:
        """The pending role has an open application."""
        person, now = self.people["pending"], timezone.now()
        return Application.objects.create(
            state=ApplicationState.RECEIVED, type=OrganisationType.NGO, organisation_name="Probe applicant", email=person.email,
            contact_name=person.name, role="Director", motive="To learn.", language="en", consented_at=now, verified_at=now, submitted_at=now,
        )  # fmt: skip
