"""A version past its draft cannot be changed, not even past the portal; see docs/decisions/0028."""

import django.db.models.deletion
from django.db import migrations, models

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
"""

OPEN = """
drop trigger keep_version on policy_recommendationversion;
drop trigger keep_step on policy_versionstep;
drop function policy_keep_version();
drop function policy_keep_step();
drop function policy_is_history_told();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0007_words_that_stand_are_version_one")]

    operations = [
        migrations.AlterField(
            model_name="endorsement",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="endorsements",
                to="policy.recommendationversion",
                verbose_name="Version",
            ),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_published", False), ("current_version__isnull", False), _connector="OR"
                ),
                name="published_recommendation_has_version",
            ),
        ),
        migrations.RunSQL(LOCK, OPEN),
    ]
