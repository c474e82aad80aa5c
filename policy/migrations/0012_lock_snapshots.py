"""What stood at the end of a period cannot be changed, not even past the portal, nor can the report it rests on."""

from django.db import migrations

LOCK = """
create function policy_keep_snapshot() returns trigger language plpgsql as $$
begin
  if policy_is_history_told() then
    return coalesce(new, old);
  end if;
  raise exception 'snapshot % is locked and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create function policy_keep_report() returns trigger language plpgsql as $$
begin
  if policy_is_history_told()
     or not exists (select from policy_progresssnapshot where report_id = old.id) then
    return coalesce(new, old);
  end if;
  raise exception 'report % stands in a snapshot and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create trigger keep_snapshot before update or delete on policy_progresssnapshot
  for each row execute function policy_keep_snapshot();
create trigger keep_report before update or delete on policy_progressreport
  for each row execute function policy_keep_report();
"""

OPEN = """
drop trigger keep_report on policy_progressreport;
drop trigger keep_snapshot on policy_progresssnapshot;
drop function policy_keep_report();
drop function policy_keep_snapshot();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0011_progress")]

    operations = [migrations.RunSQL(LOCK, OPEN)]
