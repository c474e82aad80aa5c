import codecs
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers

Answer = Callable[[HttpRequest], HttpResponse]


def is_readable(text: str) -> bool:
    """No NUL, no lone surrogate: both would fail in the database."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def refuse_unreadable(get_response: Answer) -> Answer:
    """Answer 400 to what cannot be read as UTF-8 text: path, query, form charset, form fields."""

    def middleware(request: HttpRequest) -> HttpResponse:
        from urllib.parse import unquote_to_bytes

        charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
        try:
            is_foreign = codecs.lookup(charset).name != "utf-8"
        except (LookupError, ValueError):
            is_foreign = True
        query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
        if is_foreign or not is_utf8(query) or b"\x00" in query or not is_readable(request.path_info):
            return render(request, "400.html", status=400)
        if request.method == "POST":
            fields = [text for name, values in request.POST.lists() for text in (name, *values)]
            names = [file.name or "" for file in request.FILES.values()]
            if not all(map(is_readable, fields + names)) or any("\ufffd" in text for text in fields):
                return render(request, "400.html", status=400)
        return get_response(request)

    return middleware


def speak_readers_language(get_response: Answer) -> Answer:
    """Answer in the person's language, else the cookie's, else Hebrew; ``?lang=`` switches and is remembered."""
    known = {code for code, _ in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        switched = request.GET.get("lang", "")
        user = request.user if request.session.session_key else None
        language = switched if switched in known else ""
        if not language and user is not None and user.is_authenticated:
            language = user.language
        if not language:
            language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        translation.activate(language if language in known else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        if switched in known:
            if user is not None and user.is_authenticated and user.language != switched:
                type(user).objects.filter(pk=user.pk).update(language=switched)
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


def ask_second_factor_of_staff(get_response: Answer) -> Answer:
    """Staff without a second factor are led to set one up before anything else."""
    free = ("/accounts/", "/static/", "/healthz", "/readyz")

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
