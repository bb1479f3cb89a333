"""How long a company keeps things, where that is shorter than the server does."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0011_webhooks'),
    ]

    operations = [
        migrations.AddField(model_name='company', name='keep_payload_days', field=models.PositiveSmallIntegerField(null=True)),
        migrations.AddField(model_name='company', name='keep_log_days', field=models.PositiveSmallIntegerField(null=True)),
        migrations.AddField(model_name='company', name='keep_report_days', field=models.PositiveSmallIntegerField(null=True)),
    ]
