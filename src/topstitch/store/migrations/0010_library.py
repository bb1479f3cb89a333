"""CSV files of lookup tables that wait for a decision."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0009_drafts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LookupUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('name', models.CharField(max_length=200)),
                ('data', models.BinaryField()),
                ('how', models.CharField(max_length=10)),
                ('version', models.PositiveIntegerField()),
                ('preview', models.JSONField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='store.lookuptable')),
            ],
        ),
        migrations.AddIndex(
            model_name='lookuppair',
            index=models.Index(
                fields=['table'],
                name='lookup_ways',
                condition=models.Q(('until', None), models.Q(('field', ''), ('match', ''), _negated=True)),
            ),
        ),
    ]
