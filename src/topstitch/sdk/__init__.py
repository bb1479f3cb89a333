"""All that the author of a system imports."""

from topstitch.errors import (
    AnswerLost,
    AuthError,
    Bug,
    ConfigError,
    DuplicateRecord,
    FormatError,
    LimitExceeded,
    MappingError,
    MissingReference,
    RateLimited,
    RemoteRejected,
    TemporaryError,
    TopstitchError,
    Unreachable,
)
from topstitch.net.auth import ApiKey, Auth, Basic, Bearer
from topstitch.net.cost import CostBudget
from topstitch.net.graphql import GraphqlClient, GraphqlError
from topstitch.net.http import ErrorRule, HttpClient
from topstitch.net.jsonrpc import RpcFault, XmlRpcClient
from topstitch.net.limits import Limits
from topstitch.net.message import Prepared, Response
from topstitch.net.oauth1 import OAuth1
from topstitch.net.oauth2 import TokenEndpoint
from topstitch.net.soap import SoapClient, SoapFault
from topstitch.net.tokens import Token, TokenAuth
from topstitch.net.transport import Timeouts
from topstitch.net.urls import fill, with_params
from topstitch.sdk.catalogue import CATALOGUE, Catalogue, Entry
from topstitch.sdk.client import Http
from topstitch.sdk.connection import Connection
from topstitch.sdk.fields import Field, element_path
from topstitch.sdk.model import (
    BadRecord,
    Check,
    Condition,
    Cursor,
    Entity,
    Idempotency,
    Outcome,
    Outgoing,
    Page,
    Query,
    Raw,
    Read,
    Record,
    Setting,
    SetupFile,
    Stamp,
    System,
    Verdict,
    Write,
)
from topstitch.sdk.paging import BodyCursor, NextLink, Offset, OnePage, PageNumber
from topstitch.sdk.pushing import one_by_one
from topstitch.sdk.rest import GetTest, Param, RestFind, RestList, RestWrite
from topstitch.sdk.sign_in import SignIn
from topstitch.values.codes import minor_digits
from topstitch.values.units import factor as unit_factor

__all__ = [
    "CATALOGUE",
    "AnswerLost",
    "ApiKey",
    "Auth",
    "AuthError",
    "BadRecord",
    "Basic",
    "Bearer",
    "BodyCursor",
    "Bug",
    "Catalogue",
    "Check",
    "Condition",
    "ConfigError",
    "Connection",
    "CostBudget",
    "Cursor",
    "DuplicateRecord",
    "Entity",
    "Entry",
    "ErrorRule",
    "Field",
    "FormatError",
    "GetTest",
    "GraphqlClient",
    "GraphqlError",
    "Http",
    "HttpClient",
    "Idempotency",
    "LimitExceeded",
    "Limits",
    "MappingError",
    "MissingReference",
    "NextLink",
    "OAuth1",
    "Offset",
    "OnePage",
    "Outcome",
    "Outgoing",
    "Page",
    "PageNumber",
    "Param",
    "Prepared",
    "Query",
    "RateLimited",
    "Raw",
    "Read",
    "Record",
    "RemoteRejected",
    "Response",
    "RestFind",
    "RestList",
    "RestWrite",
    "RpcFault",
    "Setting",
    "SetupFile",
    "SignIn",
    "SoapClient",
    "SoapFault",
    "Stamp",
    "System",
    "TemporaryError",
    "Timeouts",
    "Token",
    "TokenAuth",
    "TokenEndpoint",
    "TopstitchError",
    "Unreachable",
    "Verdict",
    "Write",
    "XmlRpcClient",
    "element_path",
    "fill",
    "minor_digits",
    "one_by_one",
    "unit_factor",
    "with_params",
]
