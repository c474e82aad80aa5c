"""What the frame of every page needs: places, languages, the bell, for whom one acts."""

import json
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language, get_language_info, gettext, pgettext

from munistem.commons.notices.models import count_unread

PLACES = (
    ("/", "sun"),
    ("/communities/", "users-round"),
    ("/knowledge/", "library-big"),
    ("/policy/", "signpost"),
    ("/organisations/", "building-2"),
)
#: Pages outside a place's own address that belong to it all the same.
NEIGHBOURS = {
    "/communities/": ("/topics/", "/posts/", "/meetings/", "/series/"),
    "/organisations/": ("/people/", "/authorities/"),
}


class Me(NamedTuple):
    """As much of the reader as the menu shows."""

    pk: int
    name: str
    photo_url: str
    is_staff: bool
    finds_desk: bool
    acting_for: dict[str, str] | None
    acting_else: tuple[dict[str, str], ...]
    path: str


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor; costs at most one query, and only when the page shows the bell."""
    user = getattr(request, "user", None)
    is_member = bool(user and user.is_authenticated)
    return {
        "places": partial(places, request.path, is_member=is_member),
        "languages": partial(languages, request),
        "unread_count": partial(unread_of, request) if is_member else 0,
        "me": partial(me_of, request) if is_member else None,
        "query": "",
        "site_url": settings.BASE_URL,
        "page_url": settings.BASE_URL + request.path,
        "is_demo": settings.DEMO,
        "script_words": partial(script_words, get_language() or settings.LANGUAGE_CODE),
    }


def unread_of(request: HttpRequest) -> int:
    """How much is new at the bell; asked once for an answer."""
    known = request.__dict__
    if "unread_count" not in known:
        known["unread_count"] = count_unread(request.user)
    return known["unread_count"]


def me_of(request: HttpRequest) -> Me:
    """The person of a request as the menu shows them."""
    user: Any = request.user
    now, others = user.acting_for, acting_else(user)
    return Me(
        pk=user.pk,
        name=str(user),
        photo_url=user.photo_url,
        is_staff=user.is_staff,
        finds_desk=finds_desk(user),
        acting_for={"name": now.name, "slug": now.slug, "type": str(now.type)} if now else None,
        acting_else=tuple({"name": other.name, "slug": other.slug} for other in others),
        path=request.path if others else "",
    )


def finds_desk(user: Any) -> bool:
    """Whether the menu leads to the review desk; that a person facilitates (``leads``) is fetched with the session."""
    return user.is_staff or user.is_knowledge_manager or getattr(user, "leads", False)


def acting_else(user: Any) -> list[Any]:
    """The other organisations for which the person may act."""
    now = user.acting_for
    return [mandate.organisation for mandate in user.mandates if mandate.organisation != now]


def places(path: str, *, is_member: bool) -> tuple[dict[str, Any], ...]:
    """The five places of the portal, in the order of the header, the present one marked."""
    here = next((url for url, _icon in reversed(PLACES) if is_at(path, url)), "")
    return _places(here, is_member, get_language() or settings.LANGUAGE_CODE)


def is_at(path: str, place: str) -> bool:
    return path == place if place == "/" else path.startswith((place, *NEIGHBOURS.get(place, ())))


@lru_cache(maxsize=64)
def _places(here: str, is_member: bool, language: str) -> tuple[dict[str, Any], ...]:
    labels = (
        gettext("My day") if is_member else pgettext("place", "Home"),
        gettext("Communities"),
        gettext("Knowledge"),
        gettext("Policy"),
        gettext("Organisations"),
    )

    return tuple(
        {"url": url, "icon": icon, "label": label, "is_here": url == here}
        for (url, icon), label in zip(PLACES, labels, strict=True)
    )


def languages(request: HttpRequest) -> tuple[dict[str, Any], ...]:
    """The same page in each language; a filter or a search goes along."""
    return _languages(request.GET.urlencode(), (get_language() or settings.LANGUAGE_CODE)[:2])


@lru_cache(maxsize=256)
def _languages(asked: str, here: str) -> tuple[dict[str, Any], ...]:
    query = QueryDict(asked, mutable=True)
    answers = []
    for code, _name in settings.LANGUAGES:
        query["lang"] = code
        info = get_language_info(code)
        answers.append(
            {
                "code": code,
                "name": info["name_local"],
                "dir": "rtl" if info["bidi"] else "ltr",
                "url": f"?{query.urlencode()}",
                "is_here": code == here,
            }
        )
    return tuple(answers)


@lru_cache(maxsize=8)
def script_words(language: str) -> str:
    """The few words that scripts say, as JSON for an attribute."""
    words = {
        "sure": gettext("Are you sure?"),
        "yes": gettext("Yes, go on"),
        "cancel": pgettext("question", "No"),
        "kept": gettext("We kept what you wrote here before."),
        "discard": gettext("Start afresh"),
        "sending": gettext("Sending…"),
        "uploading": gettext("Uploading… {percent}%"),
        "checking": gettext("Uploaded. Checking the files…"),
        "broken": gettext(
            "The connection was lost. Nothing was sent; your text and files are still here. Try again."
        ),
        "part": gettext("{percent}% arrived"),
        "arrived": gettext("It has arrived."),
        "resting": gettext("The connection was lost. It goes on by itself once it is back."),
        "goOn": gettext("{percent}% arrived. Choose the file again and it goes on from there."),
        "drop": gettext("Drag files here, or choose them:"),
        "remove": gettext("Remove {name}"),
        "tooBig": gettext("{name} is larger than {limit} MB and was left out."),
        "options": gettext("{count} found. Move with the arrow keys, choose with Enter."),
        "offers": gettext("What you may be looking for"),
        "nothing": gettext("Nothing found. Try another spelling or the code."),
        "clear": gettext("Clear the choice"),
    }
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))
