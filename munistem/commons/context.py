"""What the frame of every page needs: places, languages, the bell, for whom one acts."""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info, gettext, pgettext

from munistem.commons.notices.models import Notice

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


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor; costs at most one query, and only when the page shows the bell."""
    user = getattr(request, "user", None)
    is_member = bool(user and user.is_authenticated)
    return {
        "places": places(request.path, is_member=is_member),
        "languages": languages(request),
        "unread_count": SimpleLazyObject(
            lambda: Notice.objects.visible_to(user).unread().count_bundles() if is_member else 0
        ),
        "acting_for": SimpleLazyObject(lambda: getattr(user, "acting_for", None)) if is_member else None,
        "acting_else": SimpleLazyObject(lambda: acting_else(user)) if is_member else (),
        "can_use_desk": bool(is_member and finds_desk(user)),
        "site_url": settings.BASE_URL,
        "page_url": settings.BASE_URL + request.path,
        "is_demo": settings.DEMO,
        "script_words": script_words(get_language() or settings.LANGUAGE_CODE),
    }


def finds_desk(user: Any) -> bool:
    """Whether the menu leads to the review desk; that a person facilitates (``leads``) is fetched with the session."""
    return user.is_staff or user.is_knowledge_manager or getattr(user, "leads", False)


def acting_else(user: Any) -> list[Any]:
    """The other organisations for which the person may act."""
    now = user.acting_for
    return [mandate.organisation for mandate in user.mandates if mandate.organisation != now]


def places(path: str, *, is_member: bool) -> list[dict[str, Any]]:
    """The five places of the portal, in the order of the header, the present one marked."""
    labels = (
        gettext("My day") if is_member else pgettext("place", "Home"),
        gettext("Communities"),
        gettext("Knowledge"),
        gettext("Policy"),
        gettext("Organisations"),
    )

    def is_here(url: str) -> bool:
        return path == url if url == "/" else path.startswith((url, *NEIGHBOURS.get(url, ())))

    return [
        {"url": url, "icon": icon, "label": label, "is_here": is_here(url)}
        for (url, icon), label in zip(PLACES, labels, strict=True)
    ]


def languages(request: HttpRequest) -> list[dict[str, Any]]:
    """The same page in each language; a filter or a search goes along."""
    here = (get_language() or settings.LANGUAGE_CODE)[:2]
    answers = []
    for code, _name in settings.LANGUAGES:
        query = request.GET.copy()
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
    return answers


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
