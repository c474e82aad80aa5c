"""Programmes in each visibility; their parts and tables carry marks of their own."""

from collections.abc import Iterator
from datetime import timedelta
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
from policy.enums import Gap
from policy.models import PlanItem, Programme, ProgrammeFunder, ProgrammeImport, ProgrammeRow, ProgrammeSchool


def programmes(cast: Cast) -> Iterator[Probed]:
    """A programme of each visibility, and a table of programmes that was read and not taken in."""
    authority = cast.town.authority
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
    yield table(cast)
    yield pack(cast)


def pack(cast: Cast) -> Probed:
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
    item = PlanItem.objects.create(
        authority=authority,
        year=current_school_year(),
        life_stage=LifeStage.PRIMARY,
        setting=Setting.FORMAL,
        gap=Gap.EMPTY,
        what=what,
        owner=manager,
        due_on=day,
        nonce=uuid4(),
        created_by=manager,
    )
    detail = reverse("show_handover", args=[authority.pk])
    own = ["member", "manager", "admin"]
    urls = [
        item.get_absolute_url(),
        reverse("serve_handover_pdf", args=[authority.pk]),
        authority.get_absolute_url(),
    ]
    return Probed("handover pack", "own", item.pk, own, detail, [what, name], urls=urls)


def table(cast: Cast) -> Probed:
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
    own = ["member", "manager", "admin"]
    return Probed(
        "table of programmes",
        "own",
        carried.key,
        own,
        carried.get_absolute_url(),
        [title, name],
        urls=[report],
    )
