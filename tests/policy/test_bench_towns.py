"""What the pages of policy are measured on: every municipality a member, with answers and programmes."""

import pytest
from django.core.management import call_command

from bench.towns import fill_towns
from members.models import LocalAuthority, Organisation
from policy.models import Endorsement, Programme
from tests.members.factories import make_admin, make_authority

pytestmark = pytest.mark.django_db


def test_every_municipality_is_a_member_and_answers(client, settings, django_assert_max_num_queries):
    settings.TRIAL = True
    make_admin()
    for _each in range(3):
        make_authority(population=30_000)
    call_command("load_founding_content", verbosity=0)
    fill_towns(6, 40)
    assert LocalAuthority.objects.count() == Organisation.objects.filter(type="municipality").count() == 6
    assert Endorsement.objects.count() == 6 * 5
    assert Programme.objects.count() == 40
    settings.TRIAL = False
    with django_assert_max_num_queries(15):
        assert client.get("/policy/adoption/").status_code == 200
    code = LocalAuthority.objects.order_by("pk").first().pk
    with django_assert_max_num_queries(15):
        assert client.get(f"/policy/picture/{code}/").status_code == 200
