"""Every address of every row: what a walk over the whole portal asks for.

A place is a route up to its last argument; all that goes on from there has the same arguments. A route of a place
that is not written here fails its test, so that nothing of the portal stays unasked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.urls import reverse

from communities.models import (
    AgendaItem,
    Attachment,
    Community,
    CommunityInvitation,
    CommunityProposal,
    HeldFile,
    HeldPost,
    Meeting,
    Membership,
    MinutesFile,
    Paragraph,
    Post,
    Remark,
    Series,
    Task,
    Topic,
)
from knowledge.models import (
    Adaptation,
    BulkImport,
    BulkRow,
    Collection,
    CollectionItem,
    Consent,
    Export,
    Intake,
    Item,
    LinkCard,
    Revision,
    RevisionFile,
)
from members.models import (
    Application,
    Invitation,
    LocalAuthority,
    Organisation,
    RegionalCluster,
    Representative,
    TeamRequest,
    User,
)
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting
from munistem.commons.files.models import FilePage
from munistem.commons.files.resumable.models import Upload
from munistem.commons.notices.models import Notice
from munistem.commons.search.unanswered.models import UnansweredSearch
from munistem.commons.terms.models import Term
from munistem.front.api.urls import api
from policy.models import (
    BriefSignOff,
    Consultation,
    ConsultationComment,
    Contribution,
    Endorsement,
    EndorsementShare,
    PlanItem,
    Programme,
    ProgrammeImport,
    ProgrammeRow,
    ProgressReport,
    Recommendation,
    RecommendationItem,
    RecommendationVersion,
    Roundtable,
    RoundtableSeat,
    VersionSource,
)
from tests.house.test_roles import patterns

Arguments = dict[str, Any]
NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Address:
    """One address of the portal and the name of its pattern."""

    name: str
    url: str


def of(model: type[Model], *filters: Any, **fields: str) -> Callable[[], list[Arguments]]:
    """The arguments of every row: name in the route → field."""

    def rows() -> list[Arguments]:
        values = model._default_manager.filter(*filters).order_by("pk").values_list(*fields.values())
        return [dict(zip(fields, row, strict=True)) for row in values]

    return rows


def only(**arguments: Any) -> Callable[[], list[Arguments]]:
    return lambda: [arguments]


def each(rows: Callable[[], list[Arguments]], **more: Any) -> Callable[[], list[Arguments]]:
    """Every row of ``rows``, each with the same further arguments."""
    return lambda: [{**row, **more} for row in rows()]


def of_both(
    first: Callable[[], list[Arguments]], second: Callable[[], list[Arguments]]
) -> Callable[[], list[Arguments]]:
    """Each row of the first with each of the second."""
    return lambda: [{**one, **other} for one in first() for other in second()]


def opened() -> list[Arguments]:
    """Pages of files that posts carry."""
    return [
        {"pk": link.post.topic_id, "key": page.file.key, "number": page.number}
        for page in FilePage.objects.select_related("file").order_by("pk")
        for link in Attachment.objects.filter(file=page.file).select_related("post")
    ]


def leafed() -> list[Arguments]:
    """Pages of files that items carry."""
    return [
        {"slug": link.revision.item.slug, "key": page.file.key, "number": page.number}
        for page in FilePage.objects.select_related("file").order_by("pk")
        for link in RevisionFile.objects.filter(file=page.file).select_related("revision__item")
    ]


COMMUNITY, ITEM = of(Community, slug="slug"), of(Item, slug="slug")
RECOMMENDATION = of(Recommendation, slug="slug")
VERSION = of(RecommendationVersion, slug="recommendation__slug", number="number")
TOWN = of(Organisation, Q(authority__isnull=False), code="authority_id")
IMPORT = of(ProgrammeImport, code="authority_id", key="key")
FORGED = only(token="forged")
PLACES: dict[str, Callable[[], list[Arguments]]] = {
    "": only(),
    "desk/searches/<id:pk>": of(UnansweredSearch, pk="pk"),
    "me/notices/<id:pk>": of(Notice, pk="pk"),
    "me/data/archive/<uuid:key>": only(key=NOBODY),
    "me/data/come-back/<str:token>": FORGED,
    "me/sessions/<uuid:key>": only(key=NOBODY),
    "unsubscribe/<str:token>": FORGED,
    "dev/mail/<uuid:key>": only(key=NOBODY),
    "mail/inbound/<slug:service>": only(service="postmark"),
    "mail/tracking/<slug:service>": only(service="postmark"),
    # policy
    "policy/roundtables/<slug:slug>": of(Roundtable, slug="slug"),
    "policy/adoption/silent/<name:slug>": of(Organisation, slug="slug"),
    "policy/recommendations/<slug:slug>": RECOMMENDATION,
    "policy/recommendations/<slug:slug>/items/<id:pk>": of(
        RecommendationItem, slug="recommendation__slug", pk="item_id"
    ),
    "policy/roundtables/<slug:slug>/workspace/seats/<id:pk>": of(
        RoundtableSeat, slug="roundtable__slug", pk="pk"
    ),
    "policy/roundtables/<slug:slug>/workspace/contributions/<id:pk>": of(
        Contribution, slug="roundtable__slug", pk="pk"
    ),
    "policy/recommendations/<slug:slug>/versions/<id:number>": VERSION,
    "policy/recommendations/<slug:slug>/versions/<id:number>/sources/<id:pk>": of(
        VersionSource, slug="version__recommendation__slug", number="version__number", pk="contribution_id"
    ),
    "policy/consultations/<id:pk>": of(Consultation, pk="pk"),
    "policy/consultations/<id:pk>/comments/<id:comment>": of(
        ConsultationComment, pk="consultation_id", comment="pk"
    ),
    "policy/endorsements/<id:pk>": of(Endorsement, pk="pk"),
    "policy/shares/<id:pk>": of(EndorsementShare, pk="pk"),
    "policy/vouch/<str:token>": FORGED,
    "policy/reports/<id:pk>": of(ProgressReport, pk="pk"),
    "policy/programmes/<id:pk>": of(Programme, pk="pk"),
    "policy/programmes/<id:pk>/figures/<id:year>": each(of(Programme, pk="pk"), year=current_school_year()),
    "policy/authorities/<id:code>": TOWN,
    "policy/authorities/<id:code>/programmes/import/<uuid:key>": IMPORT,
    "policy/authorities/<id:code>/programmes/import/<uuid:key>/<id:number>": of(
        ProgrammeRow, code="carried__authority_id", key="carried__key", number="number"
    ),
    "policy/picture/clusters/<name:slug>": of(RegionalCluster, slug="slug"),
    "policy/picture/<id:code>": TOWN,
    "policy/picture/<id:code>/gaps/<slug:stage>/<slug:setting>": each(
        TOWN, stage=LifeStage.PRIMARY, setting=Setting.FORMAL
    ),
    "policy/picture/<id:code>/plan/<id:pk>": of(PlanItem, code="authority_id", pk="pk"),
    "policy/picture/<id:code>/brief/<id:pk>": of(BriefSignOff, code="authority_id", pk="pk"),
    "policy/authorities/<id:code>/handover/seats/<name:slug>": of_both(TOWN, COMMUNITY),
    "policy/authorities/<id:code>/figures/<id:year>": each(TOWN, year=current_school_year()),
    "policy/not-for-us/<str:token>": FORGED,
    "policy/calls/<name:slug>": ITEM,
    "policy/funders/<name:slug>": of(Organisation, slug="slug"),
    "policy/funders/<name:slug>/<slug:table>": each(of(Organisation, slug="slug"), table="overlaps"),
    # organisations and people
    "organisations/<name:slug>": of(Organisation, slug="slug"),
    "organisations/<name:slug>/team/<id:pk>": of(Representative, slug="organisation__slug", pk="pk"),
    "authorities/<id:code>": of(LocalAuthority, code="pk"),
    "people/<uuid:uuid>": of(User, ~Q(email__startswith="spray"), uuid="uuid"),
    "join/continue/<str:token>": FORGED,
    "join/confirm/<str:token>": FORGED,
    "join/team/<name:slug>": of(Organisation, slug="slug"),
    "join/team/confirm/<str:token>": FORGED,
    "join/requests/<uuid:key>": of(TeamRequest, key="key"),
    "join/<uuid:key>": of(Application, key="key"),
    "join/<uuid:key>/<slug:step>": each(of(Application, key="key"), step="contact"),
    "invitations/<uuid:key>": of(Invitation, key="key"),
    "files/uploads/<uuid:key>": of(Upload, key="key"),
    # knowledge
    "knowledge/<name:slug>": ITEM,
    "knowledge/new/<uuid:key>": of(Intake, key="key"),
    "knowledge/feed/<str:token>": FORGED,
    "knowledge/feed/<str:token>/<name:slug>": each(COMMUNITY, token="forged"),
    "knowledge/collections/<name:slug>": of(Collection, slug="slug"),
    "knowledge/collections/<name:slug>/entries/<id:pk>": of(CollectionItem, slug="collection__slug", pk="pk"),
    "knowledge/import/<uuid:key>": of(BulkImport, key="key"),
    "knowledge/import/<uuid:key>/rows/<id:number>": of(BulkRow, key="bulk__key", number="number"),
    "knowledge/tags/<id:pk>": of(Term, Q(is_curated=False), pk="pk"),
    "knowledge/<name:slug>/links/<id:pk>": of(LinkCard, Q(item__isnull=False), slug="item__slug", pk="pk"),
    "knowledge/<name:slug>/editions/<slug:language>": each(ITEM, language="ar"),
    "knowledge/<name:slug>/revisions/<id:number>": of(Revision, slug="item__slug", number="number"),
    "knowledge/<name:slug>/files/<uuid:key>": of(RevisionFile, slug="revision__item__slug", key="file__key"),
    "knowledge/<name:slug>/files/<uuid:key>/pages/<id:number>": leafed,
    "knowledge/<name:slug>/citation/<slug:style>": each(ITEM, style="bib"),
    "adaptations/<id:pk>": of(Adaptation, pk="pk"),
    "adaptations/<str:token>": FORGED,
    "still-right/<str:token>": FORGED,
    "consents/<id:pk>": of(Consent, pk="pk"),
    "consents/<str:token>": FORGED,
    # communities
    "communities/<name:slug>": COMMUNITY,
    "communities/proposals/<id:pk>": of(CommunityProposal, pk="pk"),
    "communities/<name:slug>/export/<uuid:key>": of(
        Export, Q(community__isnull=False), slug="community__slug", key="key"
    ),
    "communities/<name:slug>/people/<id:pk>": of(Membership, slug="community__slug", pk="pk"),
    "communities/<name:slug>/people/invitations/<id:pk>": of(
        CommunityInvitation, slug="community__slug", pk="pk"
    ),
    "invitations/communities/<uuid:key>": of(CommunityInvitation, key="key"),
    "tasks/<id:pk>": of(Task, pk="pk"),
    "topics/<id:pk>": of(Topic, pk="pk"),
    "topics/<id:pk>/files/<uuid:key>": of(Attachment, pk="post__topic_id", key="file__key"),
    "topics/<id:pk>/files/<uuid:key>/pages/<id:number>": opened,
    "posts/<id:pk>": of(Post, pk="pk"),
    "posts/held/<id:pk>": of(HeldPost, pk="pk"),
    "posts/held/<id:pk>/files/<uuid:key>": of(HeldFile, pk="held_id", key="file__key"),
    "peers/<str:token>": FORGED,
    "series/<id:pk>": of(Series, pk="pk"),
    "meetings/<id:pk>": of(Meeting, pk="pk"),
    "meetings/<id:pk>/minutes/files/<uuid:key>": of(MinutesFile, pk="minutes__meeting_id", key="file__key"),
    "meetings/<id:pk>/agenda/<id:item>": of(AgendaItem, pk="meeting_id", item="pk"),
    "meetings/<id:pk>/answer/<str:token>": each(of(Meeting, pk="pk"), token="forged"),
    "paragraphs/<id:pk>": of(Paragraph, pk="pk"),
    "remarks/<id:pk>": of(Remark, pk="pk"),
    "calendar/<str:token>": FORGED,
}


def place_of(route: str) -> str:
    return route[: route.rindex(">") + 1] if ">" in route else ""


def addresses() -> Iterator[Address]:
    """Every address of the portal with every row that is there now; of the API and of OAI too."""
    rows = {place: fetch() for place, fetch in PLACES.items()}
    for route, pattern in patterns():
        for arguments in rows[place_of(route)]:
            yield Address(str(pattern.name), reverse(str(pattern.name), kwargs=arguments))
    yield from api_addresses()
    yield from harvest_addresses()


def api_addresses() -> Iterator[Address]:
    keys = {
        "/items/{slug}": ITEM,
        "/collections/{slug}": of(Collection, slug="slug"),
        "/organisations/{slug}": of(Organisation, slug="slug"),
        "/communities/{slug}": COMMUNITY,
        "/authorities/{code}": of(LocalAuthority, code="pk"),
        "/recommendations/{slug}": RECOMMENDATION,
    }
    for path in api.get_openapi_schema(path_prefix="")["paths"]:
        for arguments in keys[path]() if "{" in path else [{}]:
            yield Address(path, f"/api/v1{path.format(**arguments)}")


def harvest_addresses() -> Iterator[Address]:
    base = reverse("answer_harvester")
    verbs = ["Identify", "ListSets", "ListMetadataFormats"]
    lists = [f"{verb}&metadataPrefix=oai_dc" for verb in ("ListRecords", "ListIdentifiers")]
    for verb in (*verbs, *lists):
        yield Address("answer_harvester", f"{base}?verb={verb}")
