"""All settings, read top to bottom; what differs between machines comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


def env(name: str, default: str | None = None) -> str:
    """A setting from the environment, or from the file `<NAME>_FILE` names (secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Start with `python3 manage.py up`, or set it (see docs/reference/settings.md)."
        )
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """A yes-or-no setting: 1, true, yes, on."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


# over a network that is cut, an answer is waited for this long and no longer; a server at work still answers the probes
CUT_PATH = {
    "tcp_user_timeout": "10000",  # milliseconds
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}


def database(url: str) -> dict[str, Any]:
    """Django's settings from `postgresql://user:password@host:port/name?host=/socket/dir`."""
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "qms.core.pooled",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": query.pop("port", None) or str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 5, **({} if host.startswith("/") else CUT_PATH), **query},
        "CONN_MAX_AGE": 0,  # each ASGI request has its own thread; qms.core.pooled keeps the connections
    }


# ---- where things are
DATABASES = {"default": database(env("DATABASE_URL"))}  # PostgreSQL, as the role that may not change a trail
DATABASE_POOL = int(env("DATABASE_POOL", "6"))  # idle connections the web process keeps
REDIS_URL = env("REDIS_URL", "redis://127.0.0.1:6379/0")  # Valkey or Redis: cache and hints for the worker
MQTT_URL = env("MQTT_URL", "")  # the broker, with the platform's own name and password
MQTT_SHARE_GROUP = os.environ.get("MQTT_SHARE_GROUP", "")  # several ingest workers share the topics under this name
SPARKPLUG_HOST = os.environ.get("SPARKPLUG_HOST", "plumbline")  # name as a Sparkplug host application; may be empty
QMS_HOME = Path(os.environ.get("QMS_HOME", ROOT / ".qms"))  # the folder of the instance
MQTT_PUBLIC_URL = env("MQTT_PUBLIC_URL", MQTT_URL)  # the address devices are told; only its host and port are shown
BROKER_ACCESS_DIR = Path(os.environ.get("BROKER_ACCESS_DIR", QMS_HOME / "broker"))  # where the broker finds devices
FILES_DIR = Path(os.environ.get("FILES_DIR", QMS_HOME / "files"))  # files of records, and sheets that jobs made
DEMO = flag("QMS_DEMO")  # the demo plant is there
EMPTY = flag("QMS_EMPTY")  # the first run offers no demo plant
DEBUG = flag("DEBUG")  # error pages with the code, for developers alone
SECRET_KEY = env("SECRET_KEY")  # signs sessions, links and cursors; keep it when moving
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")  # names the pages answer for
# addresses forms may come from behind a proxy, with https://
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("TRUSTED_ORIGINS", "").split(",") if origin]

# ---- what runs
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_cotton",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "qms.core",
    *(
        room
        for room in ("qms.web", "governance", "iot", "capa", "analytics")
        if (ROOT / room.replace(".", "/") / "apps.py").exists()
    ),
]
MIDDLEWARE = [
    "qms.core.streaming.StreamingMiddleware",
    "qms.core.rest.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qms.core.middleware.ActorMiddleware",
    "qms.web.middleware.PageMiddleware",
]
ROOT_URLCONF = "qms.urls"
ASGI_APPLICATION = "qms.asgi.application"
FORM_RENDERER = "qms.web.renderer.Quick"
FILTERS_EMPTY_CHOICE_LABEL = "Any"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "qms.web.context.frame",
            ],
            "builtins": ["qms.web.templatetags.web"],
        },
    }
]

# ---- people
AUTH_USER_MODEL = "core.User"
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "web:my-work"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "qms.core.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "qms.core.passwords.DifferentCharacters"},
    {"NAME": "qms.core.passwords.Uncommon"},
    {"NAME": "qms.core.passwords.NotAllDigits"},
    {"NAME": "qms.core.passwords.UnlikeThePerson"},
]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("SECURE_COOKIES")  # cookies by HTTPS alone
# believe X-Forwarded-Proto
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# ---- language, time, files
LANGUAGE_CODE = "en"
LOCALE_PATHS = [ROOT / "locale"]
LANGUAGES = [("en", "English")]  # the language of the source; another one joins with its compiled catalogue
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", QMS_HOME / "static"))  # where `collectstatic` puts the pages' assets
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES_DIR}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_LIMIT = 50 * 2**20

# ---- cache, long work, mail
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "qms"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
CELERY_BEAT_SCHEDULE = {
    "pulse": {"task": "qms.core.tasks.pulse", "schedule": 10.0, "options": {"expires": 10}},
}
WORKER_APP = "qms.celery.app"
EMAIL_HOST, EMAIL_PORT = env("EMAIL_HOST", ""), int(env("EMAIL_PORT", "25"))  # the mail server
# without a mail server messages are kept as files, so that none is lost unseen
_MAIL = "smtp" if EMAIL_HOST else "filebased"
# another way to send mail, as Django names it
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", f"django.core.mail.backends.{_MAIL}.EmailBackend")
EMAIL_FILE_PATH = env("EMAIL_DIR", str(QMS_HOME / "mail"))  # where messages lie without a mail server
# how to sign in to the mail server
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env("EMAIL_USER", ""), env("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_TLS")  # STARTTLS to the mail server
EMAIL_TIMEOUT = 20
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://localhost:8000")  # what links in mails begin with
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "plumbline@localhost")  # whom messages come from

# ---- REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "qms.core.rest.authentication.TokenAuthentication",
        "qms.core.rest.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["qms.core.rest.permissions.PolicyPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["qms.core.rest.parsing.StorableJson"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "qms.core.rest.paging.Cursor",
    "DEFAULT_SCHEMA_CLASS": "qms.core.rest.schema.ApiSchema",
    "DEFAULT_THROTTLE_CLASSES": ["qms.core.rest.throttling.PerKeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": env("API_RATE", "600/min")},  # requests of one API key or person
    "EXCEPTION_HANDLER": "qms.core.rest.problems.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Plumbline API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["qms.core.rest.schema.finish"],
    "AUTHENTICATION_WHITELIST": [],
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
}

# ---- logs
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},  # DEBUG, INFO, WARNING or ERROR
}
