"""Every setting, from the environment only. `NAME_FILE` is read where `NAME` is a secret or an address with one."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet

from topstitch.runtime.home import topstitch_home
from topstitch.runtime.postgres import database_url
from topstitch.web.digest import static_digest


def text(name: str, default: str = "") -> str:
    """A setting as text; `{name}_FILE` names a file that holds it."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text("utf-8").strip()
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """A setting as yes or no."""
    return text(name, "1" if default else "0").lower() in ("1", "true", "yes", "on")


def listed(name: str) -> list[str]:
    """A setting as a list, separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def kept_secret(name: str, file: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """A secret from the environment, or one made at first start and kept in the home, for our eyes only."""
    if given := text(name):
        return given
    path = topstitch_home() / file
    if not path.exists():
        # Written beside and linked into place: of two first starts one wins, and nobody reads half a key.
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{file}.")
        with os.fdopen(descriptor, "w") as out:
            out.write(make())
        with suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text("utf-8").strip()


def database(url: str) -> dict[str, object]:
    """Django's view of a PostgreSQL address."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "topstitch",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": str(query.pop("port", "") or parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: unquote(value) for key, value in query.items()},
    }


def reachable(host: str) -> str:
    """How the host that is listened on is reached from this machine: every address is reached at its own."""
    with suppress(ValueError):
        if ip_address(host).is_unspecified:
            return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


SECRET_KEY = kept_secret("TOPSTITCH_SECRET_KEY", "web.key")
#: Protect the connectors' secrets: several keys, newest first, separated by commas.
SECRET_KEYS = kept_secret("TOPSTITCH_SECRET_KEYS", "secrets.key", make=lambda: Fernet.generate_key().decode())
DEBUG = False
ALLOWED_HOSTS = text("TOPSTITCH_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in text("TOPSTITCH_TRUSTED_ORIGINS").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "topstitch.accounts",
    "topstitch.store",
    "topstitch.alerts",
    # Before those whose templates it replaces.
    "topstitch.web",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "topstitch.web.security.ContentSecurityPolicy",
    "topstitch.web.security.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "topstitch.web.security.AtTheScreen",
    "allauth.account.middleware.AccountMiddleware",
    "topstitch.web.security.AccessDecided",
]
ROOT_URLCONF = "topstitch.web.urls"
WSGI_APPLICATION = "topstitch.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["topstitch.web.templatetags.marks"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "topstitch.web.context.frame",
                "topstitch.web.access.context",
            ],
        },
    },
]

DATABASES = {"default": database(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
PASSWORD_LENGTH = 10
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"

# Signing in is django-allauth's (ADR 9); what of it has an address is in web/account/urls.py.
ACCOUNT_ADAPTER = "topstitch.web.account.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "topstitch.web.account.forms.SignInForm",
    "reset_password": "topstitch.web.account.forms.ForgottenForm",
    "reset_password_from_key": "topstitch.web.account.forms.NewPasswordForm",
    "change_password": "topstitch.web.account.forms.ChangePasswordForm",
    "reauthenticate": "topstitch.web.account.forms.ConfirmForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
#: Wrong passwords are counted by web/account/throttle.py: here they would let a stranger lock a person out from anywhere.
#: `login_failed` is what limits second-factor codes.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "5/5m/key",
    "reauthenticate": "10/5m/user",
    "change_password": "10/5m/user",
    "reset_password": "20/5m/ip,5/h/key",
    "reset_password_from_key": "20/5m/ip",
}
MFA_ADAPTER = "topstitch.web.account.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
#: allauth would first have an address confirmed that somebody gave themselves. Nobody can here: there is no sign-up, an account has
#: the address that it was offered by an administrator, or given at the server, and no screen changes it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Topstitch"
#: Telephones' clocks are not exact: the code before and the one after count too, each once.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "topstitch.web.account.forms.CodeForm",
    "reauthenticate": "topstitch.web.account.forms.ConfirmCodeForm",
    "activate_totp": "topstitch.web.account.forms.ActivateForm",
    "authenticate_webauthn": "topstitch.web.account.forms.PasskeyForm",
    "reauthenticate_webauthn": "topstitch.web.account.forms.ConfirmPasskeyForm",
    "login_webauthn": "topstitch.web.account.forms.SignInPasskeyForm",
    "add_webauthn": "topstitch.web.account.forms.AddPasskeyForm",
    "edit_webauthn": "topstitch.web.account.forms.NamePasskeyForm",
}
#: Proxies in front of the web process that may be believed about the address of who asks.
TRUSTED_PROXIES = int(text("TOPSTITCH_TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SESSION_COOKIE_AGE = 14 * 86_400
PASSWORD_RESET_TIMEOUT = 3600

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

#: With a digest of the files, so that what a browser has of them never gets old.
STATIC_URL = f"static/{static_digest()}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 31_536_000

#: Served over https: cookies only there, and browsers told to stay there.
HTTPS = flag("TOPSTITCH_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
#: Of a whole request, files included.
MOST_BODY_BYTES = 12 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secret_paths": {"()": "topstitch.web.secret_paths.SecretPaths"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["secret_paths"]}},
    "root": {"handlers": ["console"], "level": text("TOPSTITCH_LOG_LEVEL", "WARNING")},
}

#: Where connectors of the practice environment find their servers: `{base}/{slug}/...`.
PRACTICE_PORT = int(text("TOPSTITCH_PRACTICE_PORT", "8077"))
PRACTICE_URL = text("TOPSTITCH_PRACTICE_URL", f"http://127.0.0.1:{PRACTICE_PORT}")
PRACTICE_SFTP = text("TOPSTITCH_PRACTICE_SFTP", f"127.0.0.1:{PRACTICE_PORT + 1}")
WEB_PORT = int(text("TOPSTITCH_PORT", "8088"))
WEB_HOST = text("TOPSTITCH_HOST", "127.0.0.1")

#: Addresses in messages begin with this, never with what a request says its host is.
BASE_URL = text("TOPSTITCH_BASE_URL", f"http://{reachable(WEB_HOST)}:{WEB_PORT}").rstrip("/")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

#: `smtp://user:password@host:587` (STARTTLS), `smtps://...` (TLS), `smtp+plain://...` (neither); "" keeps messages here.
EMAIL_URL = text("TOPSTITCH_EMAIL_URL")
EMAIL_BACKEND = "topstitch.web.mail.Mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = text("TOPSTITCH_EMAIL_FROM", "Topstitch <topstitch@localhost>")
#: Where messages are kept when no mail server is set up.
MAIL_FOLDER = topstitch_home() / "mail"
#: Hosts, addresses and networks of one's own that connectors may reach: `erp.local`, `10.1.0.0/16`.
PRIVATE_HOSTS = listed("TOPSTITCH_PRIVATE_HOSTS")
#: Hosts, addresses and networks of one's own that channels of notification groups may call: `chat.local`, `10.1.0.0/16`.
ALERT_HOSTS = listed("TOPSTITCH_ALERT_HOSTS")
#: Minutes between two checks of a connector that a running service uses; 0: none by the clock.
CHECK_MINUTES = int(text("TOPSTITCH_CHECK_MINUTES", "15"))

#: Days that things are kept.
KEEP_REPORT_DAYS = int(text("TOPSTITCH_KEEP_REPORT_DAYS", "30"))
KEEP_LOG_DAYS = int(text("TOPSTITCH_KEEP_LOG_DAYS", "7"))
KEEP_PAYLOAD_DAYS = int(text("TOPSTITCH_KEEP_PAYLOAD_DAYS", "7"))

#: Index files of large lookup tables; made again when they are gone.
LOOKUP_CACHE = topstitch_home() / "cache" / "lookups"

#: Roles that may change scripts beside administrators.
SCRIPT_ROLES = listed("TOPSTITCH_SCRIPT_ROLES")

#: Seconds that a run waits for a system that is away, before it ends and leaves the rest to the next run.
OUTAGE_PATIENCE = float(text("TOPSTITCH_OUTAGE_PATIENCE", "21600"))
