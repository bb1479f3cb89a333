"""Every setting, from the environment only. `NAME_FILE` is read where `NAME` is a secret or an address with one."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
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
    "topstitch.web",
]
MIDDLEWARE = [
    "topstitch.web.security.ContentSecurityPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "topstitch.web.security.SignInRequired",
]
ROOT_URLCONF = "topstitch.web.urls"
WSGI_APPLICATION = "topstitch.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "topstitch.web.context.frame",
            ],
        },
    },
]

DATABASES = {"default": database(database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"

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

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": text("TOPSTITCH_LOG_LEVEL", "WARNING")},
}

#: Where connectors of the practice environment find their servers: `{base}/{slug}/...`.
PRACTICE_PORT = int(text("TOPSTITCH_PRACTICE_PORT", "8077"))
PRACTICE_URL = text("TOPSTITCH_PRACTICE_URL", f"http://127.0.0.1:{PRACTICE_PORT}")
PRACTICE_SFTP = text("TOPSTITCH_PRACTICE_SFTP", f"127.0.0.1:{PRACTICE_PORT + 1}")
WEB_PORT = int(text("TOPSTITCH_PORT", "8088"))
WEB_HOST = text("TOPSTITCH_HOST", "127.0.0.1")

#: Days that things are kept.
KEEP_REPORT_DAYS = int(text("TOPSTITCH_KEEP_REPORT_DAYS", "30"))
KEEP_LOG_DAYS = int(text("TOPSTITCH_KEEP_LOG_DAYS", "7"))
KEEP_PAYLOAD_DAYS = int(text("TOPSTITCH_KEEP_PAYLOAD_DAYS", "7"))

#: Index files of large lookup tables; made again when they are gone.
LOOKUP_CACHE = topstitch_home() / "cache" / "lookups"

#: Roles that may change scripts beside administrators.
SCRIPT_ROLES = [role.strip() for role in text("TOPSTITCH_SCRIPT_ROLES").split(",") if role.strip()]

#: Seconds that a run waits for a system that is away, before it ends and leaves the rest to the next run.
OUTAGE_PATIENCE = float(text("TOPSTITCH_OUTAGE_PATIENCE", "21600"))
