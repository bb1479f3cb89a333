"""Services that are being made know how far the wizard has come."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0008_notes")]

    operations = [
        migrations.AddField(
            model_name="service",
            name="wizard_step",
            field=models.CharField(max_length=20, null=True),
        ),
    ]
