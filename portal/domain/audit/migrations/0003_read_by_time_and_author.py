"""The journal is read by time and by author; nothing is locked while the indexes are made."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('audit', '0002_acting_family'),
    ]

    operations = [
        AddIndexConcurrently('auditentry', models.Index(fields=['at', 'id'], name='audit_at')),
        AddIndexConcurrently('auditentry', models.Index(fields=['by', 'at'], name='audit_by')),
    ]
