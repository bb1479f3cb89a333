"""Secret addresses of services, by which calls start them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0010_library'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('sealed', models.BinaryField()),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('called_at', models.DateTimeField(null=True)),
                ('minute_at', models.DateTimeField(null=True)),
                ('calls', models.PositiveIntegerField(default=0)),
                ('service', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='address', to='store.service')),
            ],
        ),
    ]
