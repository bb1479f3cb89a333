"""The tables. `item`, `attempt`, `log_line` and `stored_payload` are written by the ledger in bulk SQL, not here."""

from topstitch.store.models.api_key import ApiKey
from topstitch.store.models.audit import AuditEvent
from topstitch.store.models.company import Company, CompanyGroup
from topstitch.store.models.connector import Connector, ConnectorBudget, ConnectorCheck, ConnectorToken
from topstitch.store.models.errors import ErrorDay, ErrorGroup, ErrorNote
from topstitch.store.models.figures import DayVolume, ServiceState
from topstitch.store.models.ledger import Attempt, Item, LogLine, RunPage, StoredPayload
from topstitch.store.models.lookup import LookupPair, LookupTable, LookupUpload, LookupVersion
from topstitch.store.models.note import ServiceNote
from topstitch.store.models.run import Run
from topstitch.store.models.script import Script, ScriptVersion
from topstitch.store.models.sequence import Sequence, SequenceNumber
from topstitch.store.models.service import Revision, Service
from topstitch.store.models.system import UserSystem
from topstitch.store.models.view import SavedView
from topstitch.store.models.webhook import Webhook
from topstitch.store.models.worker import Worker

__all__ = [
    "ApiKey",
    "Attempt",
    "AuditEvent",
    "Company",
    "CompanyGroup",
    "Connector",
    "ConnectorBudget",
    "ConnectorCheck",
    "ConnectorToken",
    "DayVolume",
    "ErrorDay",
    "ErrorGroup",
    "ErrorNote",
    "Item",
    "LogLine",
    "LookupPair",
    "LookupTable",
    "LookupUpload",
    "LookupVersion",
    "Revision",
    "Run",
    "RunPage",
    "SavedView",
    "Script",
    "ScriptVersion",
    "Sequence",
    "SequenceNumber",
    "Service",
    "ServiceNote",
    "ServiceState",
    "StoredPayload",
    "UserSystem",
    "Webhook",
    "Worker",
]
