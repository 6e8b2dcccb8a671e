from django.db import migrations

#: An answer follows its child when two records of one child are merged. Nothing else about it ever changes.
FOLLOWS = """
CREATE OR REPLACE FUNCTION consent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('portal.merging', true) = 'on'
       AND (to_jsonb(NEW) - 'child_id') = (to_jsonb(OLD) - 'child_id') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'une réponse ne change plus : une nouvelle réponse s’ajoute' USING ERRCODE = 'restrict_violation';
END $$;
"""
NEVER = """
CREATE OR REPLACE FUNCTION consent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'une réponse ne change plus : une nouvelle réponse s’ajoute' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("consents", "0001_initial")]

    operations = [migrations.RunSQL(FOLLOWS, NEVER)]
