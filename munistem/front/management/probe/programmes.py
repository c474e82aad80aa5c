"""Programmes in each visibility; their parts, figures, tables and what is planned carry marks of their own."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from members.models import RoleHolding, User
from munistem.commons.days.school import current_school_year
from munistem.commons.enums import LifeStage, Setting, Visibility
from munistem.commons.tables.states import BulkState
from munistem.front.management.probe.marks import Probed, mark
from munistem.front.management.probe.roles import MATRIX, NETWORK, Cast
from policy.enums import Gap, PlanState, Quality
from policy.models import (
    PlanItem,
    Programme,
    ProgrammeFigure,
    ProgrammeFunder,
    ProgrammeImport,
    ProgrammeRow,
    ProgrammeSchool,
)


def programmes(cast: Cast) -> Iterator[Probed]:
    """A programme of each visibility, and a table of programmes that was read and not taken in."""
    authority, own = cast.town.authority, ["member", "manager", "admin"]
    for visibility, allowed in ((Visibility.PUBLIC, MATRIX), (Visibility.NETWORK, NETWORK)):
        name, what, funder, school, partners = (mark() for _each in range(5))
        row = Programme.objects.create(
            authority=authority,
            name=name,
            language="en",
            what=what,
            partners=partners,
            life_stages=[LifeStage.PRIMARY],
            settings=[Setting.FORMAL],
            visibility=visibility,
        )
        ProgrammeFunder.objects.create(programme=row, name=funder)
        ProgrammeSchool.objects.create(programme=row, name=school, mark=school)
        url = row.get_absolute_url()
        yield Probed(
            "programme",
            str(visibility),
            row.pk,
            allowed,
            url,
            [name, what, funder],
            [school, partners],
            edit=f"{url}edit/",
            delete=f"{url}end/",
        )
    yield figures(row, own)
    yield table(cast, own)
    yield pack(cast, own)
    yield planned(cast, own)


def figures(programme: Programme, own: list[str]) -> Probed:
    """Figures of a programme that is for the network: in no sum, and seen by who keeps it. Its mark is a number."""
    number = 100_000 + secrets.randbelow(899_999)
    year = current_school_year()
    told = {"participants": number, "participants_quality": Quality.MEASURED}
    row = ProgrammeFigure.objects.create(
        programme=programme, year=year, life_stage=LifeStage.PRIMARY, setting=Setting.FORMAL, **told
    )
    code = programme.authority_id
    urls = [
        programme.get_absolute_url(),
        reverse("show_figures", args=[code, year]),
        reverse("show_picture", args=[code]),
        reverse("show_brief", args=[code]),
        reverse("show_national_picture"),
        reverse("serve_national_csv"),
        reverse("serve_national_json"),
        f"{reverse('serve_programmes_csv')}?authority={code}",
        f"{reverse('serve_programmes_json')}?authority={code}",
    ]
    detail = reverse("show_programme_figures", args=[programme.pk, year])
    return Probed("programme figures", "own", row.pk, own, detail, [str(number)], [f"{number:,}"], urls=urls)


def planned(cast: Cast, own: list[str]) -> Probed:
    """A thing of the work plan that was dropped, with its reason."""
    what, reason = mark(), mark()
    item = plan_item(
        cast,
        what,
        state=PlanState.DROPPED,
        reason=reason,
        settled_at=timezone.now(),
        settled_by=cast.people["manager"],
    )
    detail = reverse("show_plan", args=[item.authority_id])
    settle = reverse("settle_plan_item", args=[item.authority_id, item.pk])
    return Probed("plan item", "own", item.pk, own, detail, [what, reason], urls=[settle], edit=settle)


def plan_item(cast: Cast, what: str, **fields: Any) -> PlanItem:
    manager = cast.people["manager"]
    return PlanItem.objects.create(
        authority=cast.town.authority,
        year=current_school_year(),
        life_stage=LifeStage.PRIMARY,
        setting=Setting.FORMAL,
        gap=Gap.EMPTY,
        what=what,
        owner=manager,
        due_on=timezone.localdate(),
        nonce=uuid4(),
        created_by=manager,
        **fields,
    )


def pack(cast: Cast, own: list[str]) -> Probed:
    """The handover pack with what is planned and who held the role: the municipality's own."""
    authority, manager, what, name = cast.town.authority, cast.people["manager"], mark(), mark()
    holder = User.objects.create_user(f"{name}@probe.example", name=name, is_active=False)
    day = timezone.localdate()
    RoleHolding.objects.create(
        authority=authority,
        person=holder,
        since_on=day,
        until_on=day,
        appointed_by=manager,
        ended_at=timezone.now(),
        ended_by=manager,
    )
    item = plan_item(cast, what)
    detail = reverse("show_handover", args=[authority.pk])
    urls = [
        item.get_absolute_url(),
        reverse("serve_handover_pdf", args=[authority.pk]),
        authority.get_absolute_url(),
    ]
    return Probed("handover pack", "own", item.pk, own, detail, [what, name], urls=urls)


def table(cast: Cast, own: list[str]) -> Probed:
    title, name = mark(), mark()
    carried = ProgrammeImport(
        authority=cast.town.authority,
        made_by=cast.people["manager"],
        nonce=uuid4(),
        state=BulkState.READ,
        table_name=f"{title}.csv",
        year=current_school_year(),
        language="en",
        expires_at=timezone.now() + timedelta(days=30),
    )
    carried.table.save("table", ContentFile(name.encode()), save=False)
    carried.save()
    ProgrammeRow.objects.create(carried=carried, number=2, told={"name": name}, identifier=name, does="new")
    report = reverse("serve_programme_report", args=[carried.authority_id, carried.key])
    return Probed(
        "table of programmes",
        "own",
        carried.key,
        own,
        carried.get_absolute_url(),
        [title, name],
        urls=[report],
    )
