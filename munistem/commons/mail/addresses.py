"""Addresses at which the portal takes mail: each is signed for one person and one thing, and made by nobody else.

They are short and in small letters, because mail servers cut long ones and change the size of letters.
"""

import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "mail.address"
SIGNS = 20  # letters of five bits each
SHAPE = re.compile(rf"([a-z]{{1,12}})-([0-9a-z]{{1,12}})-([0-9a-z]{{1,12}})-([a-z2-7]{{{SIGNS}}})")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Address:
    """What an address of the portal says. kind: of its door; thing, person: primary keys."""

    kind: str
    thing: int
    person: int


@dataclass(frozen=True)
class Door:
    """What a room does with mail to one kind of address.

    take: (person, thing, mail) → ``Taken``, in the transaction in which the mail is noted as taken, the person's language
    being active; raises ``Returned`` or ``Ignored``. is_for_machines: calendar programs and mail servers write here too, for
    whom the sender need not be the person; they are not answered, so of their mail ``Returned`` is not raised.
    """

    take: Callable[[Any, int, Any], "Taken"]
    is_for_machines: bool = False


@dataclass(frozen=True)
class Taken:
    """What became of a mail. what: key of the thing made of it; url: its address; remarks: what its sender should know.

    subject: of the letter that tells it, when the mail was not simply posted.
    """

    what: str
    url: str = ""
    remarks: tuple[str, ...] = ()
    subject: str = ""


class Returned(Exception):
    """The mail cannot be taken; its text goes back to the sender with these words in the person's language.

    url: where to go on, whole.
    """

    def __init__(self, words: str, url: str = ""):
        super().__init__(words)
        self.url = url


class Ignored(Exception):
    """Nothing is to be done with the mail and nobody to be told."""


DOORS: dict[str, Door] = {}


def register_door(kind: str, door: Door) -> None:
    DOORS[kind] = door


def is_open() -> bool:
    """Whether the portal takes mail at all."""
    return bool(settings.INBOUND_DOMAIN)


def address_of(kind: str, thing: int, person: int = 0) -> str:
    """The address of a thing for one person; "" when the portal takes no mail."""
    if not is_open():
        return ""
    return f"{kind}-{short(thing)}-{short(person)}-{sign(kind, thing, person)}@{settings.INBOUND_DOMAIN}"


def read_address(address: str) -> Address | None:
    """What an address says, in any size of letters; None for one that we did not make."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    found = SHAPE.fullmatch(local) if is_open() and domain == settings.INBOUND_DOMAIN else None
    if found is None:
        return None
    kind, thing, person, signature = found[1], int(found[2], 36), int(found[3], 36), found[4]
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(constant_time_compare(signature, sign(kind, thing, person, key)) for key in keys):
        return None
    return Address(kind, thing, person)


def sign(kind: str, thing: int, person: int, key: str | None = None) -> str:
    made = salted_hmac(SALT, f"{kind}:{thing}:{person}", key, algorithm="sha256").digest()
    return b32encode(made).decode().lower()[:SIGNS]


def short(number: int) -> str:
    """A number in base 36."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"
