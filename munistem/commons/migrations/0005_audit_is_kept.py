"""Lines of the audit trail are added and, after two years, taken out; never changed. See docs/decisions/0047."""

from django.db import migrations

KEEP = """
create function commons_keep_audit() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.happened_at > now() - interval '730 days' then
      raise exception 'line % of the audit trail is younger than two years', old.id using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  -- the name of somebody who left may be taken out
  if new.label in ('', old.label) and to_jsonb(new) - 'label' = to_jsonb(old) - 'label' then
    return new;
  end if;
  raise exception 'line % of the audit trail cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create trigger keep_audit before update or delete on commons_auditevent
  for each row execute function commons_keep_audit();
"""
DROP = """
drop trigger keep_audit on commons_auditevent;
drop function commons_keep_audit();
"""


class Migration(migrations.Migration):
    dependencies = [("commons", "0004_scans_of_files_validated")]

    operations = [
        migrations.RunSQL(KEEP, DROP),
        migrations.AlterModelOptions(
            "auditevent",
            {"verbose_name": "line of the audit trail", "verbose_name_plural": "audit trail"},
        ),
    ]
