"""The register of local authorities: complete, honest about what is unknown, safe to load again."""

import shutil

import pytest
from django.core.management import CommandError, call_command

from members.actions import register
from members.enums import AuthorityStatus, District, PopulationGroup
from members.models import LocalAuthority, RegionalCluster
from munistem.commons.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    call_command("load_register", verbosity=0)


@pytest.fixture
def folder(tmp_path):
    for name in ("authorities.csv", "clusters.csv"):
        shutil.copy(register.DATA / name, tmp_path)
    return tmp_path


def test_all_authorities_and_clusters_are_there(loaded):
    assert LocalAuthority.objects.count() == 259
    assert RegionalCluster.objects.count() == 12
    assert LocalAuthority.objects.filter(cluster__isnull=False).count() == 177
    assert {
        status: LocalAuthority.objects.filter(status=status).count() for status in AuthorityStatus.values
    } == {"city": 82, "local_council": 121, "industrial_council": 2, "regional_council": 54}


def test_a_row_says_what_the_file_says(loaded):
    karmiel = LocalAuthority.objects.get(pk=1139)
    assert karmiel.name_he == "כרמיאל"
    assert karmiel.name_en == "Karmi'el"
    assert karmiel.district == District.NORTH
    assert karmiel.population_group in PopulationGroup.values
    assert karmiel.cluster.name_en == "Beit HaKerem Cluster"


def test_unknown_stays_unknown(loaded):
    council = LocalAuthority.objects.get(pk=1770)
    assert council.population is None
    assert council.socioeconomic_cluster is None
    assert council.periphery_cluster is None
    assert (council.population_group, council.name_ar, council.website) == ("", "", "")


@pytest.mark.parametrize("query", ["כרמיאל", "Karmi'el", "karmiel", "karmi", "كرميئيل", "1139"])
def test_authority_is_found_by_any_name_and_its_number(loaded, query):
    arabic = LocalAuthority.objects.get(pk=1139).name_ar
    asked = arabic if query == "كرميئيل" else query
    assert LocalAuthority.objects.matching(asked).first().pk == 1139


def test_loading_again_changes_nothing(loaded):
    assert register.load_register() == (0, 0)
    assert not AuditEvent.objects.filter(deed="update_register").exists()


def test_changed_row_is_updated_indexed_and_audited(loaded):
    LocalAuthority.objects.filter(pk=1139).update(population=5, name_en="Old name")
    assert register.load_register() == (0, 1)
    assert LocalAuthority.objects.get(pk=1139).population != 5
    event = AuditEvent.objects.get(deed="update_register")
    assert sorted(event.details["fields"]) == ["name_en", "population"]


def test_what_became_unknown_is_unknown_and_rows_left_out_stay(loaded, folder):
    path = folder / "authorities.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    kept = [line for line in lines if not line.startswith("7700,")]
    nahariya = next(line for line in kept if line.startswith("9100,"))
    cells = nahariya.split(",")
    cells[7] = ""
    path.write_text("\n".join([line if line != nahariya else ",".join(cells) for line in kept]))
    assert register.load_register(folder=folder) == (0, 1)
    assert LocalAuthority.objects.get(pk=9100).population is None
    assert LocalAuthority.objects.filter(pk=7700).exists()


@pytest.mark.parametrize(("old", "new"), [("local_council", "village"), ("הצפון", "המזרח"), ("3308", "many")])
def test_bad_file_changes_nothing_and_names_the_row(loaded, folder, old, new, monkeypatch):
    path = folder / "authorities.csv"
    path.write_text(path.read_text().replace(old, new))
    LocalAuthority.objects.filter(pk=1139).update(population=5)
    monkeypatch.setattr(register.load_register.__wrapped__, "__kwdefaults__", {"folder": folder, "by": None})
    with pytest.raises(CommandError, match="26 ראש פינה"):
        call_command("load_register")
    assert LocalAuthority.objects.get(pk=1139).population == 5
