"""What the network recommends already becomes version 1, adopted; answers to it name that version."""

from django.db import migrations

WORDS = [
    f"{field}_{code}" for field in ("title", "summary", "rationale", "actions") for code in ("he", "ar", "en")
]


def begin(apps, schema_editor):
    get = apps.get_model
    Version, Step = get("policy", "RecommendationVersion"), get("policy", "VersionStep")
    noted = get("commons", "AuditEvent").objects.filter(deed="create_recommendation")
    made = dict(noted.values_list("subject", "happened_at"))
    for row in get("policy", "Recommendation").objects.all():
        translated = {f"translated_from_{code}": 1 for code in ("ar", "en") if getattr(row, f"title_{code}")}
        version = Version.objects.create(
            recommendation=row,
            number=1,
            state="adopted",
            was_adopted=True,
            life_stages=row.life_stages,
            **translated,
            **{name: getattr(row, name) for name in WORDS},
        )
        at = made.get(f"policy.recommendation:{row.pk}") or version.written_at
        Version.objects.filter(pk=version.pk).update(written_at=at)
        Step.objects.create(version=version, state="adopted", taken_at=at)
        row.current_version = version
        row.save(update_fields=["current_version"])
        row.endorsements.update(version=version)


def end(apps, schema_editor):
    get = apps.get_model
    get("policy", "Endorsement").objects.update(version=None)
    get("policy", "Recommendation").objects.update(current_version=None)
    get("policy", "VersionStep").objects.all().delete()
    get("policy", "RecommendationVersion").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("policy", "0006_versions")]

    operations = [migrations.RunPython(begin, end)]
