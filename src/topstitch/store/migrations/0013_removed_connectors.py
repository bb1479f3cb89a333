"""Connectors that are removed while a removed service's report still names them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("store", "0012_retention")]

    operations = [
        migrations.AddField(model_name="connector", name="removed_at", field=models.DateTimeField(null=True)),
        migrations.RemoveConstraint(model_name="connector", name="one_connector_per_name"),
        migrations.AddConstraint(
            model_name="connector",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)), fields=("group", "name"), name="one_connector_per_name"
            ),
        ),
    ]
