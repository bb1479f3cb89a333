"""The connector's form."""

from __future__ import annotations

from topstitch.sdk import Setting

_SSH = {"protocol": ["sftp"]}
_KEY = {"protocol": ["sftp"], "auth": ["key"]}
_FTP = {"protocol": ["ftp", "ftps-explicit", "ftps-implicit"]}

SETTINGS = (
    Setting(
        name="protocol",
        label="Protocol",
        kind="choice",
        choices=("sftp", "ftp", "ftps-explicit", "ftps-implicit"),
        words={"sftp": "SFTP", "ftp": "FTP", "ftps-explicit": "FTPS, explicit", "ftps-implicit": "FTPS, implicit"},
        default="sftp",
        required=True,
        place=True,
        help="SFTP runs over SSH. FTPS is FTP with encryption: explicit usually on port 21, implicit on 990. Plain FTP "
        "sends the password readable.",
    ),
    Setting(
        name="host",
        label="Host",
        required=True,
        place=True,
        help="The name or address alone, without sftp:// and without a folder.",
        find="In the mail or page in which the owner of the server gave you the account.",
    ),
    Setting(
        name="port",
        label="Port",
        kind="integer",
        place=True,
        help="Empty: 22 for SFTP, 21 for FTP and explicit FTPS, 990 for implicit.",
    ),
    Setting(
        name="username",
        label="Username",
        required=True,
        find="Where you found the host; for hosted servers often the name of the account with the company's in front.",
    ),
    Setting(
        name="auth",
        label="Authentication",
        kind="choice",
        choices=("password", "key"),
        default="password",
        when=_SSH,
        help="Password (basic auth) or private key (SSH auth).",
    ),
    # Not required here: whether it is depends on two other settings, and sign-in says so.
    Setting(
        name="password",
        label="Password",
        secret=True,
        help="For basic auth, and always for FTP.",
        find="The owner of the server gave it to you with the user name, often in a separate message.",
    ),
    Setting(
        name="private_key",
        label="Private key",
        kind="multiline",
        secret=True,
        required=True,
        when=_KEY,
        help="PEM or OpenSSH format: Ed25519, ECDSA or RSA. The test of the connector shows its public half, which the owner "
        "of the server has to install.",
        find="ssh-keygen -t ed25519 -f topstitch makes one: paste the file topstitch, with its first and last line.",
    ),
    Setting(
        name="passphrase",
        label="Passphrase",
        secret=True,
        when=_KEY,
        help="If the private key is protected by one.",
        find="Whoever made the key chose it then; it cannot be found out later.",
    ),
    Setting(
        name="host_fingerprint",
        label="Host fingerprint",
        help="Of the server's public key, or of its certificate for FTPS: md5, sha256 or sha512 in hex digits, or "
        "SHA256:... Empty: the key of the first connection is trusted and a change is refused.",
        find="ssh-keyscan HOST | ssh-keygen -lf - shows it; compare with what the owner of the server tells you.",
    ),
    Setting(
        name="root",
        label="Root",
        required=True,
        default="/",
        help="The folder all other paths begin in. / is the top, . is where the account arrives.",
    ),
    Setting(name="path", label="Path", help="A folder or a file below the root; / or empty is the root itself."),
    Setting(
        name="file_visibility",
        label="Visibility",
        kind="choice",
        choices=("public", "private"),
        advanced=True,
        help="Rights of files that are written: public 644, private 600. Empty: as the server does it.",
    ),
    Setting(
        name="dir_visibility",
        label="Directory visibility",
        kind="choice",
        choices=("public", "private"),
        advanced=True,
        help="Rights of folders that are made: public 755, private 700. Empty: as the server does it.",
    ),
    Setting(name="max_tries", label="Max tries", kind="integer", default=3, advanced=True, help="Attempts to connect."),
    Setting(name="timeout", label="Timeout", kind="number", default=30, advanced=True, help="Seconds, for each step."),
    Setting(
        name="passive",
        label="Passive mode",
        kind="boolean",
        default=True,
        when=_FTP,
        advanced=True,
        help="On, unless the owner of the server says otherwise.",
    ),
    Setting(
        name="server_zone",
        label="Time zone of the server's clock",
        default="UTC",
        when=_FTP,
        advanced=True,
        help="UTC, as the standard demands, or a name such as Europe/London for a server that tells local times (vsftpd with "
        "use_localtime). If it is wrong, the minimum age of files and runs for a span of time are off by as much.",
    ),
    Setting(
        name="test_writing",
        label="Test writing too",
        kind="boolean",
        default=False,
        advanced=True,
        help="For a connector that files are written with: its test writes a file of a few bytes into the folder and takes it "
        "away again.",
    ),
    Setting(
        name="sha1",
        label="Permit ssh-rsa with SHA-1",
        kind="boolean",
        default=False,
        when=_SSH,
        advanced=True,
        help="Only for an old server that offers nothing better: such signatures can be forged.",
    ),
)
