"""Which private addresses connectors may reach is said by the installation, no longer by each of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0013_removed_connectors")]

    operations = [migrations.RemoveField(model_name="connector", name="allow_private")]
