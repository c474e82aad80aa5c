"""A brief that was signed off cannot be changed, not even past the portal; see docs/decisions/0032."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

LOCK = """
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0007_figures_of_authorities"),
        ("policy", "0016_a_year_is_whole_or_split"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BriefSignOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="School year")),
                ("edition", models.PositiveSmallIntegerField(verbose_name="Edition")),
                ("asks", models.TextField(blank=True, help_text="one a line", verbose_name="What is asked")),
                ("fingerprint", models.TextField(editable=False)),
                (
                    "signed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="Signed off on"),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="brief_sign_offs",
                        to="members.localauthority",
                        verbose_name="Local authority",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_briefs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Signed off by",
                    ),
                ),
            ],
            options={
                "verbose_name": "signed brief",
                "verbose_name_plural": "signed briefs",
            },
        ),
        migrations.CreateModel(
            name="BriefCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.TextField(choices=[("he", "עברית"), ("ar", "العربية"), ("en", "English")]),
                ),
                ("told", models.JSONField()),
                ("paper", models.BinaryField()),
                (
                    "sign_off",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="policy.briefsignoff",
                    ),
                ),
            ],
            options={
                "verbose_name": "copy of a signed brief",
                "verbose_name_plural": "copies of signed briefs",
            },
        ),
        migrations.AddConstraint(
            model_name="briefsignoff",
            constraint=models.UniqueConstraint(
                fields=("authority", "year", "edition"), name="one_signed_brief_per_edition"
            ),
        ),
        migrations.AddConstraint(
            model_name="briefsignoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("edition__gte", 1),
                    ("year__gte", 2000),
                    ("year__lte", 2100),
                    models.Q(("fingerprint", ""), _negated=True),
                ),
                name="signed_brief_has_year_and_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="briefcopy",
            constraint=models.UniqueConstraint(
                fields=("sign_off", "language"), name="one_copy_of_signed_brief_per_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="briefcopy",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["he", "ar", "en"])), name="brief_copy_language_is_known"
            ),
        ),
        migrations.RunSQL(LOCK, OPEN),
    ]
