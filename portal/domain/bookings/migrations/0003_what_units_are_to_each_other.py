import django.db.models.deletion
from django.db import migrations, models

# The last wall: a child never has two units that exclude each other on one day. A unique index cannot say it, since
# exclusion does not spread (a day excludes the morning and the afternoon, which go together), nor an exclusion
# constraint without extensions that a town's server may lack. So a trigger, once a statement, which first locks the
# child: it then reads what the other transaction wrote. Whoever already holds that lock, as every verb does, waits for
# nothing; whoever forgot it ends in an error, never in two bookings.
WALL = """
CREATE FUNCTION bookings_one_of_exclusives() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    twice bigint;
BEGIN
    PERFORM 1 FROM families_child
      WHERE id IN (SELECT child_id FROM fresh
                    WHERE state = 'booked'
                      AND unit_id IN (SELECT unit_id FROM activities_unitrelation WHERE kind = 'exclusive'
                                       UNION ALL
                                      SELECT other_id FROM activities_unitrelation WHERE kind = 'exclusive'))
      ORDER BY id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT mine.id INTO twice
      FROM fresh AS mine
      JOIN activities_unitrelation AS relation
        ON relation.kind = 'exclusive' AND mine.unit_id IN (relation.unit_id, relation.other_id)
      JOIN bookings_booking AS other
        ON other.child_id = mine.child_id AND other.day = mine.day AND other.state = 'booked'
       AND other.unit_id = relation.unit_id + relation.other_id - mine.unit_id
     WHERE mine.state = 'booked'
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'booking % excludes another one of that child and day', twice
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'booking_one_of_exclusives';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER booking_one_of_exclusives_on_insert AFTER INSERT ON bookings_booking
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION bookings_one_of_exclusives();
CREATE TRIGGER booking_one_of_exclusives_on_update AFTER UPDATE ON bookings_booking
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION bookings_one_of_exclusives();
"""

NO_WALL = """
DROP TRIGGER booking_one_of_exclusives_on_update ON bookings_booking;
DROP TRIGGER booking_one_of_exclusives_on_insert ON bookings_booking;
DROP FUNCTION bookings_one_of_exclusives();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0004_unit_relations"),
        ("bookings", "0002_place_given_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="basketline",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="activities.unit",
                verbose_name="suit le choix de",
            ),
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
