"""The probe world; what it is for stands in tests/house/test_visibility.py and tests/heavy/heavy_visibility.py."""

import json

import pytest
from django.core.management import CommandError, call_command

from members.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings, tmp_path):
    settings.DEMO = True
    settings.IS_SECOND_FACTOR_REQUIRED = False
    settings.MEDIA_ROOT = tmp_path / "files"
    out = tmp_path / "world.json"
    call_command("load_probe_world", out=out, verbosity=0)
    User.objects.filter(email="deactivated@probe.example").update(is_active=False)
    return json.loads(out.read_text())


def test_refused_outside_a_trial_and_among_people(settings, tmp_path):
    settings.DEMO = settings.TRIAL = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_probe_world", out=tmp_path / "w.json")
    settings.DEMO = True
    User.objects.create_user("somebody@example.org")
    with pytest.raises(CommandError, match="without people"):
        call_command("load_probe_world", out=tmp_path / "w.json")


def test_accounts_open_with_their_passwords(world):
    for role, told in world["roles"].items():
        if told and role != "deactivated":
            assert User.objects.get(email=told["user"]).check_password(told["password"])
    assert world["roles"]["mfauser"]["totp"]
    assert {"spray1", "spray25", "victim1", "victim2", "staffnomfa", "staffb"} <= world["roles"].keys()
