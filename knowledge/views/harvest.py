"""Harvesting by other libraries: the Open Archives Initiative protocol, version 2.0, at /oai/.

http://www.openarchives.org/OAI/openarchivesprotocol.html; errors are answers too (3.6), records that are public no
more are told as deleted (2.5.1), long lists go on by a signed token that holds where they were (3.5).
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from knowledge.enums import Facet, ItemKind
from knowledge.models import Item, harvest
from knowledge.models.dublin_core import dublin_core
from munistem.commons.enums import LifeStage
from munistem.commons.guards.limits import limited

RECORDS_A_PAGE = 100
SALT = "knowledge.harvest"
SETS: dict[str, Any] = {Facet.KIND.value: ItemKind, Facet.STAGE.value: LifeStage}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DAY, SECOND = re.compile(r"\d{4}-\d\d-\d\d$"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
)
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/'
    ' http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
)


class Refused(Exception):
    """An error of the protocol: its code, and words for people."""

    def __init__(self, code: str, words: str):
        super().__init__(words)
        self.code = code


def element(name: str, *inside: Any, **attributes: str) -> SafeString:
    """An element of XML; strings are escaped, what XML 1.0 cannot hold is left out; ``xml_lang`` is ``xml:lang``."""
    told = "".join(
        f' {key.replace("xml_lang", "xml:lang")}="{_text(value)}"'
        for key, value in attributes.items()
        if value
    )
    body = "".join(part if isinstance(part, SafeString) else _text(str(part)) for part in inside)
    return mark_safe(f"<{name}{told}>{body}</{name}>")


def _text(value: str) -> str:
    return escape(NOT_XML.sub("", value)).replace("&#x27;", "&#39;")


@csrf_exempt  # it only reads; the protocol lets harvesters post
@limited("harvest", 1200, 3600, methods=("GET", "POST"))
@require_http_methods(["GET", "HEAD", "POST"])
def answer_harvester(request: HttpRequest) -> HttpResponse:
    """Answer one request of a harvester."""
    asked = request.POST if request.method == "POST" else request.GET
    arguments, verb = {name: asked[name] for name in asked}, asked.get("verb", "")
    try:
        with override("en"):
            found = VERBS[checked(asked)](arguments)
        attributes, body = arguments, element(verb, found)
    except Refused as refusal:
        is_plain = refusal.code in ("badVerb", "badArgument")
        attributes, body = {} if is_plain else arguments, element("error", str(refusal), code=refusal.code)
    asked_by = element("request", base_url(), **attributes)
    text = f"{HEAD}{element('responseDate', said(timezone.now()))}{asked_by}{body}</OAI-PMH>\n"
    response = HttpResponse(text, content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def checked(asked: QueryDict) -> str:
    """The verb; raises Refused for an unknown one, and for arguments that it does not take or lacks."""
    verb = asked.get("verb", "")
    if verb not in VERBS or len(asked.getlist("verb")) > 1:
        raise Refused("badVerb", "Verbs are: " + ", ".join(VERBS))
    needed, allowed = ARGUMENTS[verb]
    given = set(asked) - {"verb"}
    if any(len(asked.getlist(name)) > 1 for name in given) or given - needed - allowed:
        raise Refused("badArgument", f"{verb} does not take these arguments")
    if "resumptionToken" in given:
        if len(given) > 1:
            raise Refused("badArgument", "resumptionToken stands alone")
    elif needed - given:
        raise Refused("badArgument", f"{verb} needs: {', '.join(sorted(needed - given))}")
    return verb


def base_url() -> str:
    return settings.BASE_URL + reverse("answer_harvester")


def said(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def identifier_of(item: Item) -> str:
    """The number of an item; it says nothing of what the item said."""
    return f"oai:{domain()}:{item.pk}"


def domain() -> str:
    host = urlsplit(settings.BASE_URL).hostname or "munistem.example"
    return host if "." in host else f"{host}.example"


# Verbs ---------------------------------------------------------------------------------------------------


def identify(asked: dict[str, str]) -> SafeString:
    first = harvest.records().values_list("stamp", flat=True).first()
    scheme = "http://www.openarchives.org/OAI/2.0/oai-identifier"
    described = element(
        "oai-identifier",
        element("scheme", "oai"),
        element("repositoryIdentifier", domain()),
        element("delimiter", ":"),
        element("sampleIdentifier", f"oai:{domain()}:1"),
        xmlns=scheme,
    )
    return joined(
        element("repositoryName", "muni:STEM"),
        element("baseURL", base_url()),
        element("protocolVersion", "2.0"),
        element("adminEmail", settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")),
        element("earliestDatestamp", said(first or timezone.now())),
        element("deletedRecord", "persistent"),
        element("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        element("description", described),
    )


def list_formats(asked: dict[str, str]) -> SafeString:
    if "identifier" in asked:
        record_of(asked["identifier"])
    return element(
        "metadataFormat",
        element("metadataPrefix", "oai_dc"),
        element("schema", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"),
        element("metadataNamespace", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    )


def list_sets(asked: dict[str, str]) -> SafeString:
    if "resumptionToken" in asked:
        raise Refused("badResumptionToken", "The list of sets is whole")
    names = {Facet.KIND.value: "Kind", Facet.STAGE.value: "Life stage"}
    rows = []
    for side, words in SETS.items():
        rows.append(element("set", element("setSpec", side), element("setName", names[side])))
        for value, label in words.choices:
            rows.append(
                element(
                    "set",
                    element("setSpec", f"{side}:{value}"),
                    element("setName", f"{names[side]}: {label}"),
                )
            )
    return joined(*rows)


def list_identifiers(asked: dict[str, str]) -> SafeString:
    return listed(asked, lambda rows: (header_of(row) for row in rows))


def list_records(asked: dict[str, str]) -> SafeString:
    return listed(asked, records_of)


def get_record(asked: dict[str, str]) -> SafeString:
    item = record_of(asked["identifier"])
    check_format(asked["metadataPrefix"])
    return joined(*records_of([item]))


VERBS: dict[str, Callable[[dict[str, str]], SafeString]] = {
    "Identify": identify,
    "ListMetadataFormats": list_formats,
    "ListSets": list_sets,
    "ListIdentifiers": list_identifiers,
    "ListRecords": list_records,
    "GetRecord": get_record,
}
OF_LISTS = ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"})
#: Verb → arguments it needs, and those it takes beside them.
ARGUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "ListIdentifiers": OF_LISTS,
    "ListRecords": OF_LISTS,
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
}


def joined(*parts: SafeString) -> SafeString:
    return mark_safe("".join(parts))


def check_format(prefix: str) -> None:
    if prefix != "oai_dc":
        raise Refused("cannotDisseminateFormat", "Records are told as oai_dc alone")


def record_of(identifier: str) -> Item:
    """The record of an identifier; raises Refused when there is none."""
    found = re.fullmatch(rf"oai:{re.escape(domain())}:([1-9][0-9]{{0,17}})", identifier)
    item = harvest.told(harvest.records()).filter(pk=int(found[1])).first() if found else None
    if item is None:
        raise Refused("idDoesNotExist", "There is no record of this identifier")
    return item


# Lists ---------------------------------------------------------------------------------------------------


def listed(asked: dict[str, str], shown: Callable[[list[Any]], Iterator[SafeString]]) -> SafeString:
    """One page of a list, and the token by which it goes on."""
    start = read_token(asked["resumptionToken"]) if "resumptionToken" in asked else started(asked)
    rows = harvest.within(
        harvest.records(),
        since=moment(start["from"]),
        until=moment(start["until"], is_end=True),
        codes=start["codes"],
    )
    total = start["total"] if "total" in start else rows.count()
    if "stamp" in start:
        rows = harvest.after(rows, datetime.fromisoformat(start["stamp"]), start["pk"])
    page = list(harvest.told(rows)[: RECORDS_A_PAGE + 1])
    if not page:
        raise Refused("noRecordsMatch", "Nothing was found")
    told, is_last = page[:RECORDS_A_PAGE], len(page) <= RECORDS_A_PAGE
    return joined(*shown(told), token_of(start, told[-1], total, len(told), is_last=is_last))


def started(asked: dict[str, str]) -> dict[str, Any]:
    """Where a list begins: dates and set as asked for."""
    check_format(asked["metadataPrefix"])
    since, until = asked.get("from", ""), asked.get("until", "")
    for value in filter(None, (since, until)):
        moment(value)
    if since and until and (len(since) != len(until) or since > until):
        raise Refused("badArgument", "from and until are alike in form, and from is not the later one")
    codes = []
    if asked_set := asked.get("set", ""):
        side, colon, value = asked_set.partition(":")
        if side not in SETS or (colon and value not in SETS[side].values):
            raise Refused("noRecordsMatch", "There is no such set")
        codes = [asked_set] if colon else []
    return {"from": since, "until": until, "codes": codes, "done": 0}


def moment(value: str, *, is_end: bool = False) -> datetime | None:
    """A date of the protocol: a day or a second, in UTC; is_end: the day to its last second."""
    if not value:
        return None
    try:
        if SECOND.match(value):
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if DAY.match(value):
            day = datetime.combine(datetime.strptime(value, "%Y-%m-%d"), time(), UTC)
            return day + timedelta(days=1, seconds=-1) if is_end else day
    except (ValueError, OverflowError):
        pass
    raise Refused("badArgument", "Dates are written as 2026-11-26 or 2026-11-26T08:00:00Z")


def token_of(start: dict[str, Any], last: Any, total: int, number: int, *, is_last: bool) -> SafeString:
    """Signed and complete in itself; empty on the last page of a list that had several, and none where one page is all."""
    if is_last and not start["done"]:
        return mark_safe("")
    at = {"completeListSize": str(total), "cursor": str(start["done"])}
    if is_last:
        return element("resumptionToken", **at)
    told = {
        **start,
        "stamp": last.stamp.isoformat(),
        "pk": last.pk,
        "total": total,
        "done": start["done"] + number,
    }
    return element("resumptionToken", signing.dumps(told, salt=SALT, compress=True), **at)


def read_token(token: str) -> dict[str, Any]:
    try:
        return signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Refused("badResumptionToken", "This token is not one of ours") from error


# Records -------------------------------------------------------------------------------------------------


def header_of(item: Any) -> SafeString:
    """Identifier, date and sets; of what is public no more, that it is deleted and nothing else."""
    if not item.is_shown:
        return element("header", *_named(item), status="deleted")
    sets = [element("setSpec", code) for code in item.facets if code.partition(":")[0] in SETS]
    return element("header", *_named(item), *sets)


def _named(item: Any) -> list[SafeString]:
    return [element("identifier", identifier_of(item)), element("datestamp", said(item.stamp))]


def records_of(rows: list[Any]) -> Iterator[SafeString]:
    editions = harvest.editions_among(row for row in rows if row.is_shown)
    for item in rows:
        told: list[SafeString] = [header_of(item)]
        if item.is_shown:
            statements = dublin_core(item, item.published, editions[item.pk])
            said_of = joined(
                *(element(f"dc:{name}", value, xml_lang=language) for name, value, language in statements)
            )
            told.append(element("metadata", mark_safe(f"{DC}{said_of}</oai_dc:dc>")))
        yield element("record", *told)
