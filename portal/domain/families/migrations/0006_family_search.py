"""Functions and indexes of the search of families; nothing is locked while the indexes are made."""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION portal_fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT replace(replace(replace(translate(lower(words),
    'ÀÂÄÁÃÅÇÉÈÊËÎÏÌÍÔÖÒÓÕÛÙÜÚŸÝÑŒÆàâäáãåçéèêëîïìíôöòóõûùüúÿýñ-’''.,/@_',
    'aaaaaaceeeeiiiiooooouuuuyynœæaaaaaaceeeeiiiiooooouuuuyyn        '),
    'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss')
$$;
CREATE OR REPLACE FUNCTION portal_phone(phone text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT right(regexp_replace(phone, '[^0-9]', '', 'g'), 9)
$$;
"""

INDEXES = {
    "family_words": "families_family USING gin (to_tsvector('simple', portal_fold(name)))",
    "adult_words": "families_adult USING gin (to_tsvector('simple', portal_fold(first_name || ' ' || last_name)))",
    "child_words": "families_child USING gin (to_tsvector('simple', portal_fold(first_name || ' ' || last_name)))",
    "family_phone_key": "families_family (portal_phone(phone) text_pattern_ops)",
    "adult_phone_key": "families_adult (portal_phone(phone) text_pattern_ops)",
    "adult_other_phone_key": "families_adult (portal_phone(other_phone) text_pattern_ops)",
    "adult_work_phone_key": "families_adult (portal_phone(work_phone) text_pattern_ops)",
    "family_mail_lower": "families_family (lower(contact_email) text_pattern_ops)",
    "adult_mail_lower": "families_adult (lower(email) text_pattern_ops)",
    "child_born": "families_child (birth_date)",
}


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('families', '0005_merged_people'),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION IF EXISTS portal_fold(text); DROP FUNCTION IF EXISTS portal_phone(text);",
        ),
        *[
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {what}",
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            )
            for name, what in INDEXES.items()
        ],
    ]
