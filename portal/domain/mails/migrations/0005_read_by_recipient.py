"""An agent reads what was sent to a family; nothing is locked while the index is made."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('mails', '0004_digest_kind'),
    ]

    operations = [
        AddIndexConcurrently(
            'outgoingmail', models.Index(fields=['recipient', '-queued_at'], name='mail_recipient')
        ),
    ]
