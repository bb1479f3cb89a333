"""Sequences, and the numbers that records have of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0004_scripts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sequence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('last', models.BigIntegerField(null=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sequences', to='store.company')),
            ],
        ),
        migrations.CreateModel(
            name='SequenceNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField()),
                ('number', models.BigIntegerField()),
                ('sequence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='numbers', to='store.sequence')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='store.service')),
            ],
        ),
        migrations.AddConstraint(
            model_name='sequence',
            constraint=models.UniqueConstraint(fields=('company', 'name'), name='one_sequence_per_name'),
        ),
        migrations.AddConstraint(
            model_name='sequencenumber',
            constraint=models.UniqueConstraint(fields=('sequence', 'service', 'key'), name='one_number_per_record'),
        ),
        migrations.AddConstraint(
            model_name='sequencenumber',
            constraint=models.UniqueConstraint(fields=('sequence', 'number'), name='one_record_per_number'),
        ),
    ]
