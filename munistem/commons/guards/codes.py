"""Recovery codes of which the database knows only hashes: they come to be when they are shown, once, and are nowhere after that."""

import secrets
import time
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.recovery_codes.internal import auth, flows
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from munistem.commons.guards.limits import count_hit

COUNT = 10
#: Of every code the first digit says which of the ten it is, so that one hash is made at a try, whatever was written; 36 bits are left.
DIGITS = 12
DIGITS_BEFORE = 8  # of codes made from a seed, before hashes were kept; these do not say which they are
HIDDEN = "****"
MOST, HOUR = 10, 3600  # lists of codes that one person may make; each costs half a second of work


def new_codes() -> list[str]:
    return [f"{place}{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}" for place in range(COUNT)]


def in_groups(code: str) -> str:
    """As people read it: hyphens keep the groups in their order from right to left as well."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


class HashedCodes(RecoveryCodes):
    """In ``migrated_codes`` of the row the hash of each code, "" for a used one.

    The name is allauth's: the release before reads it, and takes no code, instead of failing on a row it does not know.
    """

    made: list[str] = []

    @classmethod
    def activate(cls, user: Any) -> "HashedCodes":
        """The person's codes; new ones are made when they are shown for the first time."""
        kind = {"user": user, "type": Authenticator.Type.RECOVERY_CODES}
        row, _is_new = Authenticator.objects.get_or_create(**kind, defaults={"data": {"migrated_codes": []}})
        return cls(row)

    @transaction.atomic
    def mark_as_viewed(self) -> None:
        """Make the codes, for this one page to show; a second page that comes at the same moment shows none."""
        self.lock()
        if self.did_view:
            return
        codes = new_codes()
        hashes = [make_password(code) for code in codes]
        self.keep({"migrated_codes": hashes, "by_place": True, "viewed_at": time.time()})
        self.made = [in_groups(code) for code in codes]

    def get_unused_codes(self) -> list[str]:
        """As many as are left; to be read only just after they were made."""
        if self.made or not self.did_view:
            return self.made or [HIDDEN] * COUNT
        if self.is_from_seed:
            return [HIDDEN] * len(super().get_unused_codes())
        return [HIDDEN for kept in self.instance.data["migrated_codes"] if kept]

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Whether this is a code that was not used yet; from now on it is used."""
        digits = normalize_user_code(code)
        if not (digits.isascii() and digits.isdigit() and len(digits) in {DIGITS, DIGITS_BEFORE}):
            return False  # a number of the phone's app, which costs no hash here
        self.lock()
        if self.is_from_seed:
            self.hash_seed()
        place = self.place_of(digits)
        if place is None:
            return False
        hashes = list(self.instance.data["migrated_codes"])
        hashes[place] = ""
        self.keep(self.instance.data | {"migrated_codes": hashes})
        return True

    def place_of(self, digits: str) -> int | None:
        """Where the hash of this code stands."""
        hashes = self.instance.data["migrated_codes"]
        if self.instance.data.get("by_place"):
            place = int(digits[0])
            is_right = check_password(digits, hashes[place] or make_password(None))
            return place if is_right else None
        right = [place for place, kept in enumerate(hashes) if kept and check_password(digits, kept)]
        return right[0] if right else None

    @property
    def is_from_seed(self) -> bool:
        return "seed" in self.instance.data

    def hash_seed(self) -> None:
        """Keep hashes of the unused codes that the seed makes, and forget the seed; they go on to work."""
        unused = super().get_unused_codes() if self.did_view else []
        data = {name: value for name, value in self.instance.data.items() if name == "viewed_at"}
        self.keep(data | {"migrated_codes": [make_password(code) for code in unused]})

    def lock(self) -> None:
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)

    def keep(self, data: dict) -> None:
        self.instance.data = data
        self.instance.save(update_fields=["data"])


class NewCodesForm(GenerateRecoveryCodesForm):
    """allauth's, which may not be sent without end."""

    def clean(self) -> dict[str, Any]:
        if count_hit(f"recovery-codes:{self.user.pk}", HOUR, MOST) > MOST:
            raise ValidationError(_("That was very much within an hour. Wait a little, then try again."))
        return super().clean()


def hash_seeds() -> int:
    """Exchange the seeds that are left in the database for hashes; returns how many. Harmless if repeated."""
    left = Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES, data__has_key="seed")
    keys = list(left.values_list("pk", flat=True))
    for pk in keys:
        with transaction.atomic():
            if row := left.select_for_update().filter(pk=pk).first():
                HashedCodes(row).hash_seed()
    return len(keys)


def take_the_place_of_allauths() -> None:
    """allauth names its class in these two modules, and no setting names another."""
    auth.RecoveryCodes = flows.RecoveryCodes = HashedCodes  # type: ignore[misc]
