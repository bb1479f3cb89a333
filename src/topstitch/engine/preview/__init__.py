"""What would become of records, without sending any: step by step for a few, or as a dry run of a whole service."""

from topstitch.engine.preview.dry import DryPage, Preview, dry_run
from topstitch.engine.preview.records import Given, preview_records
from topstitch.engine.preview.shown import Fate, RecordPreview, RecordsPreview

__all__ = ["DryPage", "Fate", "Given", "Preview", "RecordPreview", "RecordsPreview", "dry_run", "preview_records"]
