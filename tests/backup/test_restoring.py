"""What a set brings back, and which sets are refused before anything is touched."""

import json
import stat

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from knowledge.models import Revision
from members.models import User
from munistem.backup import database, files, restoring
from munistem.backup.sets import BackupSet, Damaged, summed
from munistem.squashed_migrations import FORMER, PRESENT
from tests.backup.conftest import PASSPHRASE
from tests.backup.places import contents, place

pytestmark = pytest.mark.slow


@pytest.fixture
def elsewhere(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), place("restored", tmp_path / "files"):
        yield tmp_path / "files"


def restore(folder, **options) -> list[str]:
    told: list[str] = []
    passphrase = PASSPHRASE if folder.name == "sealed" else ""
    restoring.restore(BackupSet(folder, passphrase), tell=told.append, **options)
    return told


@pytest.mark.parametrize("name", ["plain", "sealed"])
def test_every_row_number_constraint_and_file_comes_back(network, elsewhere, name):
    base, before = network
    assert len(before["members_user"]) == 20 and len(before["sequences"]) > 50
    told = restore(base / name)
    assert contents() == before
    assert not [words for words in told if "made by hand" in words]
    hidden = {path.name for path in elsewhere.iterdir() if path.name.startswith(".")}
    assert hidden <= {".backup-lock", ".incoming", ".uploads"}


def test_restored_network_is_locked_and_counts_on_as_before(network, elsewhere):
    restore(network[0] / "plain")
    published = Revision.objects.filter(state="published").first()
    assert published is not None
    with pytest.raises(Exception, match=r"(?i)publish"), transaction.atomic():
        Revision.objects.filter(pk=published.pk).update(title="Changed afterwards")
    newest = User.objects.order_by("-pk").first()
    assert User.objects.create_user(email="new@munistem.example", name="New").pk > newest.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email="NEW@munistem.example", name="Twice")


def test_place_that_is_in_use_is_refused_unless_told_and_its_files_are_set_aside(network, elsewhere):
    User.objects.create_user(email="here@munistem.example", name="Here already")
    (elsewhere / "aa").mkdir(parents=True)
    (elsewhere / "aa" / "of-the-former").write_text("kept")
    with pytest.raises(restoring.NotEmpty, match="people"):
        restore(network[0] / "plain")
    User.objects.all().delete()
    with pytest.raises(restoring.NotEmpty, match="files"):
        restore(network[0] / "plain")
    told = restore(network[0] / "plain", is_replacing=True)
    assert contents() == network[1]
    [former] = elsewhere.glob(".before-restore-*")
    assert (former / "aa" / "of-the-former").read_text() == "kept"
    assert any(str(former) in words for words in told)


def test_restore_that_fails_in_the_middle_changes_nothing(network, elsewhere, monkeypatch):
    User.objects.create_user(email="here@munistem.example", name="Here already")
    (elsewhere / "aa").mkdir(parents=True)
    (elsewhere / "aa" / "of-the-former").write_text("kept")
    before = contents()

    def no_room(self):
        raise OSError(28, "No space left on device")

    for where, name in ((files.Moved, "move_in"), (database, "switch")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, lambda *args: no_room(None))
            with pytest.raises(OSError, match="No space"):
                restore(network[0] / "plain", is_replacing=True)
        assert contents() == before
        assert sorted(path.name for path in elsewhere.iterdir() if path.name != ".backup-lock") == ["aa"]
        assert (elsewhere / "aa" / "of-the-former").read_text() == "kept"


def test_interrupted_restore_can_be_begun_again(network, elsewhere):
    (elsewhere / ".arriving" / "bb").mkdir(parents=True)  # as a kill leaves it, half of the files in place
    (elsewhere / "aa").mkdir()
    (elsewhere / "aa" / "came-before-the-kill").write_text("x")
    restore(network[0] / "plain")
    assert contents() == network[1]


# Damage --------------------------------------------------------------------------------------------------


def flip(path, at: int = -20) -> None:
    held = bytearray(path.read_bytes())
    held[at % len(held)] ^= 1
    path.write_bytes(held)


def largest(folder):
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


DAMAGES = {
    "flipped bit in rows": lambda at: flip(largest(at / "rows")),
    "flipped bit in a file": lambda at: flip(largest(at / "files")),
    "flipped bit in the list of files": lambda at: flip(next(at.glob("files.jsonl*"))),
    "flipped bit in the manifest": lambda at: flip(next(at.glob("manifest*")), 300),
    "rows cut short": lambda at: cut(largest(at / "rows")),
    "file cut short": lambda at: cut(largest(at / "files")),
    "file grown": lambda at: largest(at / "files").write_bytes(largest(at / "files").read_bytes() + b"more"),
    "rows missing": lambda at: largest(at / "rows").unlink(),
    "file missing": lambda at: largest(at / "files").unlink(),
    "list missing": lambda at: next(at.glob("files.jsonl*")).unlink(),
    "manifest missing": lambda at: next(at.glob("manifest*")).unlink(),
    "two parts exchanged": lambda at: exchange(*sorted((at / "rows").iterdir())[:2]),
    "emptied part": lambda at: largest(at / "rows").write_bytes(b""),
}


def cut(path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def exchange(one, other) -> None:
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


@pytest.mark.parametrize("name", ["plain", "sealed"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_set_is_refused_before_anything_is_touched(copied, damage, name):
    folder = copied(name)
    DAMAGES[damage](folder)
    with pytest.raises(Damaged):
        restoring.check(BackupSet(folder, PASSPHRASE if name == "sealed" else ""))


def change(folder, **more) -> None:
    """Write the manifest anew with something else in it, its sum put right."""
    path = folder / "manifest.json"
    body = {**json.loads(path.read_text()), **more}
    body.pop("sum")
    path.write_text(json.dumps({**body, "sum": summed(body)}))


def test_set_of_later_code_is_refused_by_name(copied):
    folder = copied("plain")
    known = json.loads((folder / "manifest.json").read_text())["migrations"]
    change(folder, migrations=[*known, ["policy", "9999_robots"]])
    with pytest.raises(Damaged, match=r"later code .* policy\.9999_robots"):
        restoring.check(BackupSet(folder))
    change(folder, migrations=known, format=2)
    with pytest.raises(Damaged, match="format 2"):
        restoring.check(BackupSet(folder))


def test_set_from_before_the_first_release_is_known_by_todays_names(copied):
    folder = copied("plain")
    known = json.loads((folder / "manifest.json").read_text())["migrations"]
    rooms = {room for room, _name in FORMER}
    change(folder, migrations=[*map(list, FORMER), *(row for row in known if row[0] not in rooms)])
    assert {tuple(row) for row in restoring.check(BackupSet(folder))["migrations"]} >= set(PRESENT)


def test_part_outside_of_the_set_is_refused(copied):
    folder = copied("plain")
    lines = json.loads((folder / "manifest.json").read_text())["tables"]
    lines[0]["part"][0] = "../../etc/passwd"
    change(folder, tables=lines)
    with pytest.raises(Damaged, match="is called"):
        restoring.check(BackupSet(folder))


def test_database_that_is_further_on_is_refused(copied, elsewhere):
    folder = copied("plain")
    known = json.loads((folder / "manifest.json").read_text())["migrations"]
    last = max(row for row in known if row[0] == "policy")
    change(folder, migrations=[row for row in known if row != last])
    with pytest.raises(Damaged, match=rf"{last[1]}.*empty database"):
        restore(folder)


def test_words_of_the_command(copied, capsys, tmp_path):
    folder, key = copied("sealed"), tmp_path / "key"
    key.write_text(PASSPHRASE + "\n")
    call_command("restore", folder, check=True, key_file=key)
    assert "Whole and genuine" in capsys.readouterr().out
    for words, options in {
        "it is encrypted: name its key file": {},
        "cannot be read": {"key_file": tmp_path / "none"},
    }.items():
        with pytest.raises(CommandError, match=words):
            call_command("restore", folder, check=True, **options)
    key.write_text("another passphrase, not the one\n")
    with pytest.raises(CommandError, match="the passphrase is another one"):
        call_command("restore", folder, check=True, key_file=key)
    key.write_text("short\n")
    with pytest.raises(CommandError, match="at least 16"):
        call_command("restore", folder, check=True, key_file=key)
    with pytest.raises(CommandError, match="no backup here"):
        call_command("restore", tmp_path / "nowhere", check=True)


@pytest.mark.parametrize("name", ["plain", "sealed"])
def test_nobody_else_can_read_a_set(network, name):
    for path in [network[0] / name, *(network[0] / name).rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_sealed_set_shows_no_word_of_anybody(network):
    words = [b"munistem", "תל אביב".encode(), b"members_user", b"%PDF"]
    names = [path for path in (network[0] / "sealed").rglob("*") if path.is_file()]
    for path in names:
        held = path.read_bytes().removeprefix(b"munistem sealed 1\n")
        assert not [word for word in words if word in held], path
