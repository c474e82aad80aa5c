"""An item as linked data (schema.org), for machines that read public pages."""

import json
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from knowledge.enums import ItemKind, Licence
from knowledge.models import Item, Revision
from knowledge.models.dublin_core import ADDRESSES, PUBLISHER
from munistem.commons.enums import Language

TYPES = {
    ItemKind.GUIDE: "HowTo",
    ItemKind.RESEARCH: "ScholarlyArticle",
    ItemKind.VIDEO: "VideoObject",
    ItemKind.CALL: "Article",
    ItemKind.CASE_STUDY: "Article",
}
#: What would end the script element, or begin something within it.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def linked_data(
    item: Item, revision: Revision, *, keywords: list[str], files: list[dict[str, Any]], editions: list[str]
) -> dict[str, Any]:
    """What a public item is; files: ``name``, ``url``, ``size``; editions: addresses of it in other languages."""
    url = settings.BASE_URL + item.get_absolute_url()
    told = {
        "@context": "https://schema.org",
        "@type": ["LearningResource", TYPES.get(ItemKind(revision.kind), "CreativeWork")],
        "@id": url,
        "url": url,
        "name": revision.title,
        "description": revision.summary,
        "inLanguage": revision.language,
        "learningResourceType": _kind(revision),
        "keywords": keywords,
        "author": _author(item),
        "publisher": {"@type": "Organization", "name": PUBLISHER, "url": f"{settings.BASE_URL}/"},
        "datePublished": _day(item.published_at),
        "dateModified": _day(revision.decided_at),
        "expires": item.valid_until.isoformat() if item.valid_until else "",
        "license": ADDRESSES.get(Licence(revision.licence), ""),
        "isAccessibleForFree": True,
        "spatialCoverage": _place(revision),
        "temporalCoverage": str(revision.year or ""),
        "workTranslation": [{"@type": "CreativeWork", "@id": address} for address in editions],
        "encoding": [
            {
                "@type": "MediaObject",
                "name": file["name"],
                "contentUrl": settings.BASE_URL + file["url"],
                "contentSize": str(file["size"]),
            }
            for file in files
        ],
    }
    return {name: value for name, value in told.items() if value not in ("", [], None)}


def _kind(revision: Revision) -> str:
    with translation.override(revision.language):
        return str(ItemKind(revision.kind).label)


def _day(moment: Any) -> str:
    return timezone.localtime(moment).date().isoformat() if moment else ""


def _author(item: Item) -> dict[str, str]:
    if item.organisation:
        with translation.override(item.language):
            name = item.organisation.name
        return {
            "@type": "Organization",
            "name": name,
            "url": settings.BASE_URL + item.organisation.get_absolute_url(),
        }
    return {"@type": "Organization", "name": PUBLISHER, "url": f"{settings.BASE_URL}/"}


def _place(revision: Revision) -> dict[str, str] | str:
    if not (place := revision.authority):
        return ""
    names = {code: getattr(place, f"name_{code}") for code in Language.values}
    return {"@type": "AdministrativeArea", "name": names[revision.language] or place.name_he}


def as_script(told: dict[str, Any]) -> SafeString:
    """JSON that may stand within a script element."""
    return mark_safe(json.dumps(told, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES))
