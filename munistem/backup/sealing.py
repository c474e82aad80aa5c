"""Encryption of a set's parts, piece by piece: AES-256-GCM in the STREAM construction.

A sealed part is a head (mark, salt of the passphrase, salt of the part) and pieces of 64 KiB, each with its number and
whether it is the last in its nonce, all bound to the part's name. So a piece that is changed, missing, doubled, moved or
taken from another part is noticed, and so is an end that came too early. (Hoang, Reyhanitabar, Rogaway, Vizár 2015:
Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance.)
"""

import functools
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MARK = b"munistem sealed 1\n"
SALT, TAG, PIECE = 16, 16, 64 * 1024
SHORTEST = 16  # characters of a passphrase


class WrongKey(Exception):
    """This part is not what was sealed with this key: damaged, cut short, put in another's place, or another key."""


@functools.lru_cache(maxsize=4)
def stretched(passphrase: str, salt: bytes) -> bytes:
    """The set's key; slow on purpose, so that passphrases cannot be tried by the million (32 MB, a tenth of a second)."""
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())


def cipher(passphrase: str, salts: bytes) -> AESGCM:
    """Each part has a key of its own, so that no nonce is ever used twice."""
    key = stretched(passphrase, salts[:SALT])
    return AESGCM(HKDF(SHA256(), 32, salt=salts[SALT:], info=MARK).derive(key))


def nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


class Sealer:
    """Writes sealed what is written to it; ``close`` seals the last piece and leaves the file open."""

    def __init__(self, file: BinaryIO, passphrase: str, salt: bytes, name: str):
        self.file, self.name, self.number, self.held = file, name.encode(), 0, bytearray()
        salts = salt + os.urandom(SALT)
        self.cipher = cipher(passphrase, salts)
        file.write(MARK + salts)

    def write(self, data: bytes) -> None:
        self.held += data
        while len(self.held) > PIECE:  # the last piece is never empty, unless the part is
            self.seal(bytes(self.held[:PIECE]), is_last=False)
            del self.held[:PIECE]

    def seal(self, piece: bytes, is_last: bool) -> None:
        self.file.write(self.cipher.encrypt(nonce(self.number, is_last), piece, self.name))
        self.number += 1

    def close(self) -> None:
        self.seal(bytes(self.held), is_last=True)


class Opener:
    """Reads what was sealed; raises WrongKey as soon as a piece is not genuine."""

    def __init__(self, file: BinaryIO, passphrase: str, name: str):
        self.file, self.name, self.number, self.rest = file, name.encode(), 0, b""
        head = file.read(len(MARK) + 2 * SALT)
        if not head.startswith(MARK) or len(head) < len(MARK) + 2 * SALT:
            raise WrongKey(name)
        self.cipher = cipher(passphrase, head[len(MARK) :])
        self.next = file.read(PIECE + TAG)

    def read(self, size: int) -> bytes:
        """Up to so many bytes; b"" at the end."""
        if not self.rest and self.next is not None:
            piece, self.next = self.next, self.file.read(PIECE + TAG) or None
            try:
                self.rest = self.cipher.decrypt(nonce(self.number, self.next is None), piece, self.name)
            except InvalidTag as error:
                raise WrongKey(self.name.decode()) from error
            self.number += 1
        given, self.rest = self.rest[:size], self.rest[size:]
        return given
