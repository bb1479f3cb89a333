"""What the author of a file-based system imports beside `topstitch.sdk`: file servers, formats, dates, pauses.

Apart from `topstitch.sdk`, so that systems without files do not load the SSH library.
"""

from topstitch.formats import BadRow, FieldGuess, Format, Row, infer, open_format
from topstitch.net.files import Account, RemoteFile, RemoteFiles
from topstitch.net.ftp import FtpAccount, FtpFiles
from topstitch.net.guard import Guard
from topstitch.net.message import CapturedRequest
from topstitch.net.retry import Stopped, pause
from topstitch.net.sftp import SftpFiles, SshAccount
from topstitch.net.sshkeys import public_line
from topstitch.values.date_letters import compile_format
from topstitch.values.dates import NAMED_FORMATS, compile_date_reader
from topstitch.values.zones import find_zone

__all__ = [
    "NAMED_FORMATS",
    "Account",
    "BadRow",
    "CapturedRequest",
    "FieldGuess",
    "Format",
    "FtpAccount",
    "FtpFiles",
    "Guard",
    "RemoteFile",
    "RemoteFiles",
    "Row",
    "SftpFiles",
    "SshAccount",
    "Stopped",
    "compile_date_reader",
    "compile_format",
    "find_zone",
    "infer",
    "open_format",
    "pause",
    "public_line",
]
