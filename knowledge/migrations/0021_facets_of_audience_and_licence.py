from django.db import migrations

#: Facets are written with the index; what is published already gets the new ones here.
ADD = """
UPDATE knowledge_item AS item
SET facets = item.facets || ARRAY['licence:' || revision.licence]
    || ARRAY(SELECT 'audience:' || code FROM unnest(revision.audience) AS code)
FROM knowledge_revision AS revision
WHERE revision.id = item.published_id AND cardinality(item.facets) > 0
"""
TAKE_AWAY = """
UPDATE knowledge_item
SET facets = ARRAY(
    SELECT code FROM unnest(facets) AS code WHERE code NOT LIKE 'licence:%' AND code NOT LIKE 'audience:%'
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0020_feeds_of_ones_own"),
    ]

    operations = [migrations.RunSQL(ADD, TAKE_AWAY)]
