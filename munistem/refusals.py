"""What gunicorn answers to requests that no page ever sees, as to an address that is too long: kind, and sealed like a page."""

import socket

from django.conf import settings
from gunicorn import util

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Connection": "close",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in settings.PERMISSIONS_POLICY),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}
if settings.IS_HTTPS:
    HEADERS["Strict-Transport-Security"] = (
        f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    )
#: In all three languages: whose request could not be read has not said which one they read.
PAGE = """<!DOCTYPE html>
<html lang="he" dir="rtl"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>muni:STEM</title>
<h1>הבקשה לא נקראה</h1>
<p>הכתובת, או מה שנשלח איתה, ארוכים מדי או פגומים. אפשר להתחיל שוב <a href="/">מעמוד הבית</a>.</p>
<p lang="ar">تعذّرت قراءة الطلب: العنوان أو ما أُرسل معه طويل جدًّا أو تالف. يمكن البدء من جديد <a href="/">من الصفحة الرئيسية</a>.</p>
<p lang="en" dir="ltr">We could not read this request: its address, or what came with it, is too long or damaged. You can start again <a href="/">from the home page</a>.</p>
</html>
"""


def write(sock: socket.socket, status: int, reason: str, _told: str) -> None:
    """As gunicorn's ``write_error``; what it would tell repeats what was sent, and is left out."""
    page = PAGE.encode()
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in HEADERS.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(page)}", "", ""])
    util.write_nonblock(sock, head.encode("ascii") + page)
