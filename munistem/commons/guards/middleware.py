import re
import time
from collections.abc import Callable
from hashlib import blake2b
from urllib.parse import unquote_to_bytes

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers

from munistem.commons.files.uploads import most_bytes_of_request
from munistem.commons.guards import charset

Answer = Callable[[HttpRequest], HttpResponse]
LONGEST_ADDRESS = 8_000
#: Where services hand mail over, in charsets of their own; who speaks there is asked before a byte is read.
OF_MACHINES = ("/mail/inbound/", "/mail/tracking/")
#: Forms that do more for an address we know than for one we do not, or the other way round.
TELLING = ("/accounts/signup/", "/accounts/password/reset/", "/accounts/login/code/", "/accounts/email/")


def seal(get_response: Answer) -> Answer:
    """The headers that every answer carries, whoever made it: page, error, redirect, download, static file."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        return response

    return middleware


def refuse_plain(get_response: Answer) -> Answer:
    """Answer 403 to a program that asks over plain http, before anything is read of it; pages are redirected instead."""
    of_programs = re.compile(settings.OF_PROGRAMS)

    def middleware(request: HttpRequest) -> HttpResponse:
        is_plain = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if is_plain and of_programs.match(request.path_info.lstrip("/")):
            return JsonResponse({"detail": "This address speaks https only."}, status=403)
        return get_response(request)

    return middleware


def is_readable(text: str) -> bool:
    """No NUL, no lone surrogate: both would fail in the database."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in raw


def refuse_unreadable(get_response: Answer) -> Answer:
    """Answer 400 to what is no UTF-8 text (address, query, cookies, form) and 413 to what is larger than we read.

    Stands before sessions and sign-in, so its pages speak the language of the cookie.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        translation.activate(cookie_language(request))
        if not has_readable_head(request):
            request.GET = QueryDict()
            request.COOKIES = {}
            return render(request, "400.html", status=400)
        if request.path_info.startswith(OF_MACHINES):
            return get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS", "TRACE"} and (refusal := refuse_body(request)):
            return refusal
        return get_response(request)

    return middleware


def cookie_language(request: HttpRequest) -> str:
    """The language remembered in this browser, else Hebrew."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def has_readable_head(request: HttpRequest) -> bool:
    """Whether address, query, cookies and the declared charset are such that the portal can work with them."""
    query = request.META.get("QUERY_STRING", "")
    declared = (request.content_params or {}).get("charset", "utf-8").strip("\"' ").lower()
    if (
        declared != "utf-8"
        or len(query) > LONGEST_ADDRESS
        or query.count("&") > settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    ):
        return False
    texts = (request.path_info, *request.COOKIES.values())
    return is_text(unquote_to_bytes(query)) and all(map(is_readable, texts))


def refuse_body(request: HttpRequest) -> HttpResponse | None:
    """Read the form; the page that refuses it, None when all is well."""
    if int_or_zero(request.META.get("CONTENT_LENGTH")) > most_bytes_of_request():
        return refuse(request, 413)
    is_multipart = request.content_type == "multipart/form-data"
    if is_multipart:
        request.GET  # noqa: B018 – read before the charset of the form's parser is exchanged
        request._encoding = charset.NAME  # type: ignore[attr-defined]
    try:
        if request.content_type == "application/x-www-form-urlencoded" and not is_text(
            unquote_to_bytes(request.body)
        ):
            return refuse(request, 400)
        fields = [text for name, values in request.POST.lists() for text in (name, *values)]
        names = [file.name or "" for files in request.FILES.lists() for file in files[1]]
    except RequestDataTooBig:
        return refuse(request, 413)
    except TooManyFilesSent:
        return refuse(request, 400, "files")
    except (TooManyFieldsSent, MultiPartParserError, UnreadablePostError, ValueError):
        return refuse(request, 400)
    return None if all(map(is_readable, fields + names)) else refuse(request, 400)


def refuse(request: HttpRequest, status: int, why: str = "") -> HttpResponse:
    """A page without anything of the form, which may not be read again."""
    request._mark_post_parse_error()  # type: ignore[attr-defined]
    if why == "files":
        return render(
            request,
            "guards/too_many_files.html",
            {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES},
            status=status,
        )
    return render(request, f"{status}.html", status=status)


def int_or_zero(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else 0


def speak_readers_language(get_response: Answer) -> Answer:
    """Answer in the person's language, else the cookie's, else Hebrew; ``?lang=`` switches and is remembered."""
    known = {code for code, _ in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        switched = request.GET.get("lang", "")
        user = request.user if request.session.session_key else None
        language = switched if switched in known else ""
        if not language and user is not None and user.is_authenticated:
            language = user.language
        translation.activate(language if language in known else cookie_language(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        if switched in known:
            if user is not None and user.is_authenticated and user.language != switched:
                get_user_model().objects.filter(pk=user.pk).update(language=switched)
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                switched,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            )
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def keep_private(get_response: Answer) -> Answer:
    """Pages of signed-in people are kept by no cache on the way or in a shared browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def spare_unchanged(get_response: Answer) -> Answer:
    """Answer 304 to a visitor whose browser has the page already, just as it would be sent now.

    The page is made in any case, so nothing is told of that may no longer be seen; it is only not sent. What has a form
    or a nonce of its own is another page each time. People who are signed in keep no pages (``keep_private``).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method not in {"GET", "HEAD"} or response.status_code != 200 or response.streaming:
            return response
        if response.cookies or "no-store" in response.get("Cache-Control", ""):
            return response
        response.headers.setdefault("Cache-Control", "no-cache")
        if "ETag" not in response.headers:
            response.headers["ETag"] = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
        return get_conditional_response(request, etag=response["ETag"], response=response)

    return middleware


def answer_evenly(get_response: Answer) -> Answer:
    """Let sign-up and forgotten passwords answer after one and the same time, so that nobody learns who is known.

    Stands before the session, which is written last, and outside any transaction.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        response = get_response(request)
        if request.method == "POST" and request.path in TELLING:
            time.sleep(max(0.0, settings.EVEN_SECONDS - (time.monotonic() - started)))
        return response

    return middleware


def ask_second_factor_of_staff(get_response: Answer) -> Answer:
    """Staff without a second factor are led to set one up before anything else."""
    free = ("/accounts/", "/static/", "/healthz", "/readyz", "/metrics")

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.IS_SECOND_FACTOR_REQUIRED
            and user.is_authenticated
            and user.is_staff
            and not request.path.startswith(free)
            and not is_mfa_enabled(user)
        ):
            return redirect("mfa_index")
        return get_response(request)

    return middleware
