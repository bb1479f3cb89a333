"""The error desk, saved views, checks of connectors, figures a day, and the cause of every failed record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Rows of records that went through are in none of the new indexes but the last one.
FORWARD = """
ALTER TABLE attempt ADD COLUMN cause bigint;
ALTER TABLE item ADD COLUMN cause bigint;
CREATE INDEX attempt_cause ON attempt (cause, id) WHERE cause IS NOT NULL;
CREATE INDEX attempt_trouble ON attempt (id) WHERE status NOT IN ('ok', 'sent');
CREATE INDEX attempt_status ON attempt (status, id) WHERE status NOT IN ('ok', 'sent');
CREATE INDEX attempt_class ON attempt (error_class, id) WHERE status NOT IN ('ok', 'sent');
CREATE INDEX item_cause ON item (cause, id) INCLUDE (status) WHERE cause IS NOT NULL;
CREATE INDEX item_remote ON item USING hash (remote_id) WHERE remote_id <> '';
"""
BACKWARD = """
DROP INDEX item_remote, item_cause, attempt_class, attempt_status, attempt_trouble, attempt_cause;
ALTER TABLE item DROP COLUMN cause;
ALTER TABLE attempt DROP COLUMN cause;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0006_people'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ServiceState',
            fields=[
                ('service', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='state', serialize=False, to='store.service')),
                ('last_run', models.UUIDField(null=True)),
                ('last_status', models.CharField(blank=True, db_default='', max_length=24)),
                ('last_ended_at', models.DateTimeField()),
                ('last_success_at', models.DateTimeField(null=True)),
                ('bad_runs', models.IntegerField(db_default=0)),
                ('bad_since', models.DateTimeField(null=True)),
                ('empty_runs', models.IntegerField(db_default=0)),
                ('longest_empty', models.IntegerField(db_default=0)),
                ('full_runs', models.IntegerField(db_default=0)),
                ('gap', models.IntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ErrorGroup',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('kin', models.BigIntegerField()),
                ('error_class', models.TextField()),
                ('error_key', models.TextField()),
                ('sentence', models.TextField()),
                ('place', models.TextField()),
                ('message', models.TextField()),
                ('hint', models.TextField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('ignored', 'Ignored'), ('resolved', 'Resolved')], db_default='open', max_length=10)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('seen', models.BigIntegerField()),
                ('affected', models.IntegerField(db_default=0)),
                ('recovered', models.IntegerField(db_default=0)),
                ('counted_at', models.DateTimeField(null=True)),
                ('ignored_until', models.DateTimeField(null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('returned', models.IntegerField(db_default=0)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='error_groups', to='store.service')),
            ],
        ),
        migrations.CreateModel(
            name='ErrorDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('count', models.IntegerField()),
                ('group', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='store.errorgroup')),
            ],
        ),
        migrations.CreateModel(
            name='ErrorNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('text', models.TextField()),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='store.errorgroup')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.CharField(choices=[('reports', 'Reports'), ('errors', 'Errors')], default='reports', max_length=10)),
                ('name', models.CharField(max_length=80)),
                ('query', models.CharField(max_length=2000)),
                ('shared', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='views', to='store.company')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='views', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ConnectorCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('ok', models.BooleanField()),
                ('status', models.CharField(choices=[('unknown', 'Not checked yet'), ('operational', 'Connector operational'), ('unreachable', 'System unreachable'), ('refused', 'Failed authentication')], max_length=20)),
                ('detail', models.TextField(blank=True)),
                ('steps', models.JSONField(default=list)),
                ('took_ms', models.IntegerField(default=0)),
                ('judged', models.BooleanField(default=False)),
                ('connector', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='store.connector')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['connector', '-at'], name='check_by_connector'),
                    models.Index(condition=models.Q(('judged', False)), fields=['id'], name='check_unjudged'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DayVolume',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('pulled', models.BigIntegerField(db_default=0)),
                ('filtered', models.BigIntegerField(db_default=0)),
                ('skipped', models.BigIntegerField(db_default=0)),
                ('unchanged', models.BigIntegerField(db_default=0)),
                ('ok', models.BigIntegerField(db_default=0)),
                ('sent', models.BigIntegerField(db_default=0)),
                ('failed', models.BigIntegerField(db_default=0)),
                ('pending', models.BigIntegerField(db_default=0)),
                ('uncertain', models.BigIntegerField(db_default=0)),
                ('runs', models.IntegerField(db_default=0)),
                ('bad_runs', models.IntegerField(db_default=0)),
                ('service', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='volumes', to='store.service')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'service'), name='one_volume_a_day')],
            },
        ),
        migrations.AddIndex(
            model_name='errorgroup',
            index=models.Index(fields=['state', '-last_at'], name='error_group_by_state'),
        ),
        migrations.AddIndex(
            model_name='errorgroup',
            index=models.Index(fields=['service', 'state'], name='error_group_by_service'),
        ),
        migrations.AddIndex(
            model_name='errorgroup',
            index=models.Index(fields=['kin'], name='error_group_by_kin'),
        ),
        migrations.AddConstraint(
            model_name='errorday',
            constraint=models.UniqueConstraint(fields=('group', 'day'), name='one_error_day'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('company', 'owner', 'area', 'name'), name='one_view_per_name'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
