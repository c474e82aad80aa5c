"""The figures of a programme and a year are either all split by stage (by setting) or none, for otherwise sums count twice."""

from django.db import migrations

HOLD = """
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
"""

LET_GO = """
drop trigger hold_split on policy_programmefigure;
drop function policy_hold_split();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0015_work_plans")]

    operations = [migrations.RunSQL(HOLD, LET_GO)]
