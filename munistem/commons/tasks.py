"""Every job of the ground floor, found by the worker through this module, and what the clock asks of it."""

from munistem.commons.files import tasks as files
from munistem.commons.mail import tasks as mail
from munistem.commons.notices import tasks as notices

__all__ = ["files", "mail", "notices"]
