"""What was published cannot be changed, not even past the portal; see docs/decisions/0019. An edition is of the item that was
written first, never of another edition; see docs/decisions/0025.
"""

from django.db import migrations

LOCK = """
create function knowledge_is_history_told() returns boolean language sql stable as $$
  select coalesce(current_setting('munistem.history', true), '') = 'told'
$$;

create function knowledge_keep_revision() returns trigger language plpgsql as $$
begin
  if old.state not in ('published', 'replaced') or old.decided_at >= now() or knowledge_is_history_told() then
    return coalesce(new, old);
  end if;
  if tg_op = 'UPDATE' and to_jsonb(new) - 'state' = to_jsonb(old) - 'state'
                      and new.state in (old.state, 'replaced') then
    return new;
  end if;
  raise exception 'revision % was published and cannot be changed', old.id using errcode = 'restrict_violation';
end $$;

create function knowledge_keep_revision_part() returns trigger language plpgsql as $$
declare
  owner bigint;
begin
  foreach owner in array case tg_op
      when 'INSERT' then array[new.revision_id]
      when 'DELETE' then array[old.revision_id]
      else array[old.revision_id, new.revision_id] end loop
    if exists (select from knowledge_revision where id = owner and state in ('published', 'replaced')
               and decided_at < now()) and not knowledge_is_history_told() then
      raise exception 'revision % was published and cannot be changed', owner using errcode = 'restrict_violation';
    end if;
  end loop;
  return coalesce(new, old);
end $$;

create trigger keep_published before update or delete on knowledge_revision
  for each row execute function knowledge_keep_revision();
create trigger keep_published before insert or update or delete on knowledge_revisionfile
  for each row execute function knowledge_keep_revision_part();
create trigger keep_published before insert or update or delete on knowledge_revisionlink
  for each row execute function knowledge_keep_revision_part();

create function knowledge_edition_of_the_first() returns trigger language plpgsql as $$
begin
    if exists (select 1 from knowledge_item where id = new.edition_of_id and edition_of_id is not null)
       or exists (select 1 from knowledge_item where edition_of_id = new.id) then
        raise exception 'an edition is of the item that was written first' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger edition_of_the_first before insert or update of edition_of_id on knowledge_item
    for each row when (new.edition_of_id is not null) execute function knowledge_edition_of_the_first();
"""

OPEN = """
drop trigger edition_of_the_first on knowledge_item;
drop function knowledge_edition_of_the_first();
drop trigger keep_published on knowledge_revision;
drop trigger keep_published on knowledge_revisionfile;
drop trigger keep_published on knowledge_revisionlink;
drop function knowledge_keep_revision();
drop function knowledge_keep_revision_part();
drop function knowledge_is_history_told();
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_initial")]

    operations = [migrations.RunSQL(LOCK, OPEN)]
