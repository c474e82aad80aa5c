"""What was said on the way to the next page, in a cookie that no other host of the domain can set or read."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Django's, by a name that browsers take from this host alone where the portal speaks https."""

    cookie_name = "__Host-messages" if settings.IS_HTTPS else "messages"


class SaidStorage(FallbackStorage):
    """In the cookie as long as it is short, else in the session."""

    storage_classes = (HostCookieStorage, SessionStorage)
