"""Migrations are safe while the release before them serves: each is looked at, and so are the rules themselves."""

import threading

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from munistem.front.management.commands import migrate
from munistem.squashed_migrations import FORMER, PRESENT, present_names
from munistem.together import together
from tests.house.migrations import ALLOWED, LARGE_TABLES, RELEASED, all_faults, faults, statements_of


@pytest.mark.django_db
def test_no_migration_after_the_first_release_stops_who_works():
    assert all_faults() == [], "see tests/house/migrations.py"


@pytest.mark.django_db
def test_large_tables_and_rooms_of_the_rules_exist():
    there = set(connection.introspection.table_names())
    assert [name for name in LARGE_TABLES if name not in there] == []
    rooms = {room for room, _name in MigrationLoader(None).disk_migrations}
    assert set(RELEASED) <= rooms
    known = {f"{room}.{name}" for room, name in MigrationLoader(None).disk_migrations}
    assert set(ALLOWED) <= known and all(len(reason) > 20 for reason in ALLOWED.values())


@pytest.mark.django_db
def test_rules_see_what_only_the_first_could_afford():
    loader = MigrationLoader(connection, replace_migrations=False)
    migration = loader.disk_migrations["commons", "0002_initial"]
    found = "\n".join(faults(migration, statements_of(migration, loader)))
    assert "commons_storedfile" in found and "AddIndexConcurrently" in found


def post(**fields) -> migrations.CreateModel:
    """The start of a room that has one table, of posts."""
    made = {"id": models.BigAutoField(primary_key=True), "title": models.CharField(max_length=20), **fields}
    return migrations.CreateModel("Post", list(made.items()), {})


def found(*operations, table: str = "communities_post", atomic: bool = True) -> list[str]:
    """What the rules say of these operations on a table that was there before."""
    state = ProjectState()
    first = post()
    first.options["db_table"] = table
    first.state_forwards("communities", state)
    migration = migrations.Migration("0099_later", "communities")
    migration.operations, migration.atomic = list(operations), atomic
    with connection.schema_editor(collect_sql=True, atomic=atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    return list(faults(migration, editor.collected_sql))


def nothing(apps, editor):
    pass


REFUSED = {
    "index": (
        migrations.AddIndex("Post", models.Index(fields=["title"], name="by_title")),
        "AddIndexConcurrently",
    ),
    "other type": (migrations.AlterField("Post", "title", models.IntegerField()), "a new column"),
    "check": (
        migrations.AddConstraint(
            "Post", models.CheckConstraint(condition=~models.Q(title=""), name="titled")
        ),
        "AddConstraintNotValid",
    ),
    "unique": (
        migrations.AddConstraint("Post", models.UniqueConstraint(fields=["title"], name="once")),
        "unique index",
    ),
    "no default in the table": (
        migrations.AddField("Post", "likes", models.IntegerField(default=0)),
        "db_default",
    ),
    "never null": (
        migrations.AddField("Post", "kind", models.TextField(default="")),
        "db_default",
    ),
    "column taken out": (migrations.RemoveField("Post", "title"), "a release later"),
    "table taken out": (migrations.DeleteModel("Post"), "a release later"),
    "column renamed": (migrations.RenameField("Post", "title", "name"), "db_column"),
    "rows changed": (
        migrations.RunSQL("UPDATE communities_post SET title = upper(title)"),
        "works in pieces",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED)
def test_what_stops_who_works_is_refused_with_a_way_out(case):
    operation, instead = REFUSED[case]
    assert any(instead in words for words in found(operation))


@pytest.mark.django_db
def test_code_beside_changes_of_tables_is_refused():
    column = migrations.AddField("Post", "note", models.TextField(null=True))
    assert found(column, migrations.RunPython(nothing)) != []
    assert found(column) == [] and found(migrations.RunPython(nothing)) == []


@pytest.mark.django_db(transaction=True)
def test_ways_out_are_open():
    index = models.Index(fields=["title"], name="by_title")
    check = models.CheckConstraint(condition=~models.Q(title=""), name="titled")
    assert found(AddIndexConcurrently("Post", index), atomic=False) == []
    assert found(AddConstraintNotValid("Post", check)) == []
    assert found(migrations.AddField("Post", "likes", models.IntegerField(db_default=0))) == []
    assert found(migrations.AddField("Post", "note", models.TextField(null=True))) == []


@pytest.mark.django_db
def test_small_tables_and_new_ones_may_be_changed_at_once():
    index = migrations.AddIndex("Post", models.Index(fields=["title"], name="by_title"))
    assert found(index, table="policy_roundtable") == []
    assert found(migrations.RemoveField("Post", "title"), table="policy_roundtable") != []
    new = migrations.CreateModel(
        "Other", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())]
    )
    of_new = migrations.AddIndex("Other", models.Index(fields=["n"], name="by_n"))
    assert found(new, of_new) == []


@pytest.mark.django_db
def test_operations_done_together_leave_what_one_after_the_other_leaves():
    column = migrations.AddField("Post", "note", models.TextField(null=True))
    index = migrations.AddIndex("Post", models.Index(fields=["note"], name="by_note"))
    one_by_one, at_once = [post(), column, index], together([index, post(), column])
    assert [len(several.operations) for several in at_once] == [1, 1, 1]
    tables = []
    for operations in (one_by_one, at_once):
        migration = migrations.Migration("0001_first", "trial")
        migration.operations = [*operations]
        first, state = ProjectState(), ProjectState()
        assert first.apps.get_models() == []  # rendered, as when a room is migrated after others
        with connection.schema_editor() as editor:
            migration.apply(state, editor)
        tables.append(columns_and_indexes())
        assert state.models["trial", "post"].options["indexes"][0].name == "by_note"
        with connection.schema_editor() as editor:
            migration.unapply(first, editor)
        assert columns_and_indexes() == ([], [])
    assert tables[0] == tables[1] != ([], [])


def columns_and_indexes() -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_name = 'trial_post' order by 1"
        )
        columns = [name for (name,) in cursor.fetchall()]
        cursor.execute("select indexname from pg_indexes where tablename = 'trial_post' order by 1")
        return columns, [name for (name,) in cursor.fetchall()]


def test_state_before_the_first_release_is_called_by_todays_names():
    others = [("auth", "0001_initial"), ("members", "0001_initial")]
    assert present_names(others) == others
    assert sorted(present_names([*FORMER, *others, ("policy", "0003_names_in_the_admin")])) == sorted(
        [*PRESENT, ("auth", "0001_initial")]
    )
    assert set(PRESENT) <= set(MigrationLoader(None).disk_migrations)


@pytest.mark.django_db
def test_database_from_before_the_first_release_is_migrated_by_name_only():
    recorder = migrate.MigrationRecorder(connection)
    before = set(recorder.applied_migrations())
    for row in FORMER:
        recorder.record_applied(*row)
    recorder.record_unapplied("policy", "0002_lock_what_was_said")
    migrate.rename(recorder)
    rooms = {room for room, _name in FORMER}
    assert set(recorder.applied_migrations()) == {*PRESENT, *(row for row in before if row[0] not in rooms)}
    migrate.rename(recorder)
    assert set(recorder.applied_migrations()) >= set(PRESENT)


# The command ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_migrating_gives_way_to_who_holds_a_table_and_goes_on_afterwards(monkeypatch, capsys):
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(migrate, "PAUSE", 0.1)
    held, release = threading.Event(), threading.Event()

    def hold():
        private = connection.copy()
        with private.cursor() as cursor:
            cursor.execute("begin; lock table members_user in access share mode")
            held.set()
            release.wait(30)
            cursor.execute("rollback")
        private.close()

    tries = []
    plain_handle = migrate.migrate.Command.handle

    def change(self, *args, **options):
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("alter table members_user add column by_test int null")
        plain_handle(self, *args, **options)

    monkeypatch.setattr(migrate.migrate.Command, "handle", change)
    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        with pytest.raises(CommandError, match="Run it again"):
            call_command("migrate", patience=0, verbosity=0)
        threading.Timer(0.5, release.set).start()
        call_command("migrate", patience=60, verbosity=0)
        assert len(tries) > 2
        assert "held by others" in capsys.readouterr().err
        with connection.cursor() as cursor:
            cursor.execute("show lock_timeout")
            assert cursor.fetchone() == ("0",)
            cursor.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and objid = %s", [migrate.DOOR]
            )
            assert cursor.fetchone() == (0,)
    finally:
        release.set()
        holder.join()
        with connection.cursor() as cursor:
            cursor.execute("alter table members_user drop column if exists by_test")
