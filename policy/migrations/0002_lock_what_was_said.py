"""What was said stays as it was, not even past the portal can it be changed: versions past their draft, what they rest on
(docs/decisions/0028), snapshots with their reports, signed briefs (docs/decisions/0032). And the figures of a programme and a year
are either all split by stage (by setting) or none, for otherwise sums count twice.
"""

from django.db import migrations

LOCK = """
create function policy_is_history_told() returns boolean language sql stable as $$
  select coalesce(current_setting('munistem.history', true), '') = 'told'
$$;

create function policy_keep_version() returns trigger language plpgsql as $$
begin
  if old.state = 'draft' or policy_is_history_told() then
    return coalesce(new, old);
  end if;
  if tg_op = 'UPDATE'
     and to_jsonb(new) - 'state' - 'was_adopted' = to_jsonb(old) - 'state' - 'was_adopted'
     and new.state <> 'draft' and (new.was_adopted or not old.was_adopted) then
    return new;
  end if;
  raise exception 'version % is past its draft and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create function policy_keep_step() returns trigger language plpgsql as $$
begin
  if policy_is_history_told() then
    return coalesce(new, old);
  end if;
  if tg_op = 'DELETE' and exists (select from policy_recommendationversion where id = old.version_id and state = 'draft') then
    return old;
  end if;
  raise exception 'step % was taken and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create trigger keep_version before update or delete on policy_recommendationversion
  for each row execute function policy_keep_version();
create trigger keep_step before update or delete on policy_versionstep
  for each row execute function policy_keep_step();

create function policy_keep_source() returns trigger language plpgsql as $$
declare
  owner bigint;
begin
  foreach owner in array case tg_op
      when 'INSERT' then array[new.version_id]
      when 'DELETE' then array[old.version_id]
      else array[old.version_id, new.version_id] end loop
    if exists (select from policy_recommendationversion where id = owner and state <> 'draft')
       and not policy_is_history_told() then
      raise exception 'version % is past its draft and cannot be changed', owner using errcode = 'restrict_violation';
    end if;
  end loop;
  return coalesce(new, old);
end $$;

create function policy_keep_contribution() returns trigger language plpgsql as $$
begin
  if not policy_is_history_told() and exists (
      select from policy_versionsource source join policy_recommendationversion version on version.id = source.version_id
      where source.contribution_id = old.id and version.state <> 'draft')
     and (tg_op = 'DELETE' or (new.text, new.language) is distinct from (old.text, old.language)) then
    raise exception 'contribution % became part of a version and cannot be changed', old.id
      using errcode = 'restrict_violation';
  end if;
  return coalesce(new, old);
end $$;

create trigger keep_source before insert or update or delete on policy_versionsource
  for each row execute function policy_keep_source();
create trigger keep_contribution before update or delete on policy_contribution
  for each row execute function policy_keep_contribution();

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

create function policy_hold_split() returns trigger language plpgsql as $$
begin
  if exists (
    select from policy_programmefigure own
    join policy_programmefigure other
      on other.programme_id = own.programme_id and other.year = own.year
    where own.id = new.id
      and ((other.life_stage = '') <> (own.life_stage = '') or (other.setting = '') <> (own.setting = ''))
  ) then
    raise exception 'figures of programme % in % are both whole and split', new.programme_id, new.year
      using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger hold_split after insert or update on policy_programmefigure
  deferrable initially deferred for each row execute function policy_hold_split();

create function policy_keep_signed_brief() returns trigger language plpgsql as $$
begin
  if policy_is_history_told() then
    return coalesce(new, old);
  end if;
  raise exception 'brief % is signed and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create trigger keep_signed_brief before update or delete on policy_briefsignoff
  for each row execute function policy_keep_signed_brief();
create trigger keep_brief_copy before update or delete on policy_briefcopy
  for each row execute function policy_keep_signed_brief();
"""

OPEN = """
drop trigger keep_brief_copy on policy_briefcopy;
drop trigger keep_signed_brief on policy_briefsignoff;
drop function policy_keep_signed_brief();
drop trigger hold_split on policy_programmefigure;
drop function policy_hold_split();
drop trigger keep_report on policy_progressreport;
drop trigger keep_snapshot on policy_progresssnapshot;
drop function policy_keep_report();
drop function policy_keep_snapshot();
drop trigger keep_source on policy_versionsource;
drop trigger keep_contribution on policy_contribution;
drop function policy_keep_source();
drop function policy_keep_contribution();
drop trigger keep_version on policy_recommendationversion;
drop trigger keep_step on policy_versionstep;
drop function policy_keep_version();
drop function policy_keep_step();
drop function policy_is_history_told();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [migrations.RunSQL(LOCK, OPEN)]
