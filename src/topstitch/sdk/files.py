"""What the author of a file-based system imports beside `topstitch.sdk`: file servers, formats, pauses.

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

__all__ = [
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
    "infer",
    "open_format",
    "pause",
    "public_line",
]
