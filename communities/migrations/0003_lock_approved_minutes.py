"""What was approved cannot be changed, not even past the portal; see docs/decisions/0013."""

from django.db import migrations

LOCK = """
create function communities_keep_minutes() returns trigger language plpgsql as $$
declare
  -- the columns of the search may be written on approved minutes too
  written text[] := array['search_vector', 'search_title', 'search_length', 'search_edition'];
begin
  if old.state <> 'approved' then
    return coalesce(new, old);
  end if;
  if tg_op = 'UPDATE' and to_jsonb(new) - written = to_jsonb(old) - written then
    return new;
  end if;
  raise exception 'minutes % are approved and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create function communities_keep_minutes_part() returns trigger language plpgsql as $$
declare
  owner bigint;
begin
  foreach owner in array case tg_op
      when 'INSERT' then array[new.minutes_id]
      when 'DELETE' then array[old.minutes_id]
      else array[old.minutes_id, new.minutes_id] end loop
    if exists (select from communities_minutes where id = owner and state = 'approved') then
      raise exception 'minutes % are approved and cannot be changed', owner using errcode = 'restrict_violation';
    end if;
  end loop;
  return coalesce(new, old);
end $$;

create function communities_keep_remark() returns trigger language plpgsql as $$
begin
  if exists (select from communities_minutes m join communities_paragraph p on p.minutes_id = m.id
             where m.state = 'approved' and p.id in (new.paragraph_id, old.paragraph_id)) then
    raise exception 'the minutes of this remark are approved' using errcode = 'restrict_violation';
  end if;
  return coalesce(new, old);
end $$;

create function communities_keep_outcome() returns trigger language plpgsql as $$
declare
  told text[] := array['community_id', 'meeting_id', 'text', 'approved_at', 'created_by_id', 'created_at', 'correction_id']
                 || tg_argv[0]::text[];
  field text;
begin
  if old.approved_at is null then
    return coalesce(new, old);
  end if;
  if tg_op = 'DELETE' then
    raise exception '% % is approved and cannot be deleted', tg_table_name, old.id using errcode = 'restrict_violation';
  end if;
  foreach field in array told loop
    if to_jsonb(new) -> field is distinct from to_jsonb(old) -> field then
      raise exception '% % is approved: % cannot be changed', tg_table_name, old.id, field
        using errcode = 'restrict_violation';
    end if;
  end loop;
  return new;
end $$;

create trigger keep_approved before update or delete on communities_minutes
  for each row execute function communities_keep_minutes();
create trigger keep_approved before insert or update or delete on communities_paragraph
  for each row execute function communities_keep_minutes_part();
create trigger keep_approved before insert or update or delete on communities_minutesfile
  for each row execute function communities_keep_minutes_part();
create trigger keep_approved before insert or update or delete on communities_remark
  for each row execute function communities_keep_remark();
create trigger keep_approved before update or delete on communities_decision
  for each row execute function communities_keep_outcome('{number,decided_on}');
create trigger keep_approved before update or delete on communities_task
  for each row execute function communities_keep_outcome('{owner_id,due_on}');
"""

OPEN = """
drop trigger keep_approved on communities_minutes;
drop trigger keep_approved on communities_paragraph;
drop trigger keep_approved on communities_minutesfile;
drop trigger keep_approved on communities_remark;
drop trigger keep_approved on communities_decision;
drop trigger keep_approved on communities_task;
drop function communities_keep_minutes();
drop function communities_keep_minutes_part();
drop function communities_keep_remark();
drop function communities_keep_outcome();
"""


class Migration(migrations.Migration):
    dependencies = [("communities", "0002_initial")]

    operations = [migrations.RunSQL(LOCK, OPEN)]
