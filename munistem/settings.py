"""Settings of the portal, from the environment only; README lists every variable with its default."""

import os
import sys
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import fontpkg_rubik
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from munistem import databases
from munistem.environment import env, files_of_people, switch, trial_secret
from munistem.watch import logs, sentry

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

# Trial or production -------------------------------------------------------------------------------------
DEBUG = False  # a trial shows its people the same pages as production; what broke stands in the log
TRIAL = switch("DEBUG") and not TESTING
DEMO = switch("DEMO")
DATA_DIR = Path(env("DATA_DIR") or BASE_DIR / ".local").absolute()
IS_PRODUCTION = not (TRIAL or TESTING)

if IS_PRODUCTION and (
    missing := [name for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL") if not env(name)]
):
    raise ImproperlyConfigured(
        f"Set {', '.join(missing)} in the environment (or DEBUG=1 for a trial on your own machine)."
    )

SECRET_KEY = env("SECRET_KEY") or ("tests only" * 6 if TESTING else trial_secret(DATA_DIR))
SECRET_KEY_FALLBACKS = env("SECRET_KEY_FALLBACKS").split()
ALLOWED_HOSTS = [
    host.strip() for host in env("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
]
BASE_URL = env("BASE_URL").rstrip("/") or (
    f"https://{ALLOWED_HOSTS[0]}" if IS_PRODUCTION else f"http://127.0.0.1:{env('PORT', '8000')}"
)
IS_HTTPS = BASE_URL.startswith("https:")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# Rooms ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "munistem.front",
    "policy",
    "knowledge",
    "communities",
    "members",
    "munistem.commons",
    "munistem.commons.office.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "procrastinate.contrib.django",
    "django_prose_editor",
    "js_asset",
    "taggit",
    "lucide",
    "csp",
]

MIDDLEWARE = [
    "munistem.watch.requests.follow",
    "munistem.compression.compress",
    "munistem.commons.guards.middleware.seal",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "munistem.commons.guards.middleware.refuse_plain",
    "munistem.commons.guards.middleware.refuse_unreadable",
    "munistem.front.views.health.answer_watchman",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "munistem.commons.guards.middleware.spare_unchanged",
    "munistem.commons.guards.middleware.answer_evenly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "munistem.commons.guards.middleware.speak_readers_language",
    "munistem.commons.guards.middleware.keep_private",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "munistem.commons.guards.middleware.ask_second_factor_of_staff",
    "munistem.front.views.sessions.follow_device",
]

ROOT_URLCONF = "munistem.urls"
WSGI_APPLICATION = "munistem.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "munistem.commons.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                *(f"munistem.commons.templatetags.{name}" for name in ("furniture", "attributes", "kept")),
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database, cache, jobs -----------------------------------------------------------------------------------
DATABASES = databases.named(DATA_DIR, is_testing=TESTING)
if "replica" in DATABASES:
    DATABASE_ROUTERS = ["munistem.replica.router.Router"]
    MIDDLEWARE += ["munistem.replica.middleware.read_from_replica"]
REPLICA_LAG = float(env("DATABASE_REPLICA_LAG", "2"))  # seconds that a page may be behind
WRITTEN_COOKIE_NAME = "__Host-written" if IS_HTTPS else "written"

REDIS_URL = env("REDIS_URL")
_redis = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": REDIS_URL,
    "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
}
_table = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "commons_cache",
    "OPTIONS": {"MAX_ENTRIES": 50_000},
}
CACHES = {"default": _redis if REDIS_URL else _table}
SESSION_ENGINE = "munistem.commons.guards.sessions" if REDIS_URL else "django.contrib.sessions.backends.db"

# People and sign-in --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.User"
# E-mail addresses are unique in any spelling, by a constraint of the table.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["munistem.front.adapters.Backend"]
PASSWORD_HASHERS = [
    "munistem.commons.guards.hashers.TunedArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "munistem.front.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "munistem.front.adapters.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "members.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = True, 600
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS, ACCOUNT_EMAIL_SUBJECT_PREFIX = True, ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "request_login_code": "20/m/ip,3/m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXIES", "0"))
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"generate_recovery_codes": "munistem.commons.guards.codes.NewCodesForm"}
MFA_TOTP_ISSUER, MFA_RECOVERY_CODES_SHOW_ONCE = "muniSTEM", True
ACCOUNT_REAUTHENTICATION_REQUIRED, ACCOUNT_REAUTHENTICATION_TIMEOUT = True, 900
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = TRIAL
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict] = {}
if env("GOOGLE_CLIENT_ID"):
    SOCIALACCOUNT_PROVIDERS["google"] = {
        "VERIFIED_EMAIL": True,
        "APPS": [{"client_id": env("GOOGLE_CLIENT_ID"), "secret": env("GOOGLE_CLIENT_SECRET"), "key": ""}],
    }
if env("MICROSOFT_CLIENT_ID"):
    SOCIALACCOUNT_PROVIDERS["microsoft"] = {
        # The admin of any tenant may write any address into an account: trust only a tenant that is named.
        "VERIFIED_EMAIL": bool(env("MICROSOFT_TENANT")),
        "TENANT": env("MICROSOFT_TENANT", "organizations"),
        "APPS": [
            {"client_id": env("MICROSOFT_CLIENT_ID"), "secret": env("MICROSOFT_CLIENT_SECRET"), "key": ""}
        ],
    }
if env("OIDC_SERVER_URL"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env("OIDC_NAME", "OpenID"),
                "client_id": env("OIDC_CLIENT_ID"),
                "secret": env("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": env("OIDC_SERVER_URL")},
            }
        ]
    }
# A provider that is not set up has no addresses either.
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
IS_SECOND_FACTOR_REQUIRED = not DEMO
FRESH_SECONDS = 0 if TESTING else 900  # so long a sign-in is enough for deeds of an office
EVEN_SECONDS = 0 if TESTING else 0.4  # sign-up and forgotten passwords answer no sooner, whoever asks

# Languages and time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "he"
LANGUAGES = [("he", _("Hebrew")), ("ar", _("Arabic")), ("en", _("English"))]
LOCALE_PATHS, FORMAT_MODULE_PATH = [BASE_DIR / "locale"], "munistem.commons.formats"
LANGUAGE_COOKIE_NAME = "__Host-language" if IS_HTTPS else "django_language"
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "Asia/Jerusalem"
USE_TZ = True

# Static files and files of people ------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT") or DATA_DIR / "static")
STATICFILES_FINDERS = [
    "munistem.bundle.BundleFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STATICFILES_DIRS = [BASE_DIR / "static", ("fonts", Path(fontpkg_rubik.__file__).parent / "files")]
MEDIA_ROOT = Path(env("MEDIA_ROOT") or DATA_DIR / "files")
STORAGES = {
    "default": files_of_people(),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
        # The next lines' rights are for files of people; these are collected by one account and read by another.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["munistem.commons.files.uploads.MeasuredUploadHandler"]
UPLOAD_MAX_MB = int(env("UPLOAD_MAX_MB", "100"))
X_ACCEL, CLAMD_SOCKET = env("X_ACCEL"), env("CLAMD_SOCKET")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 30

# Mail: the web process only queues, the worker hands over ------------------------------------------------


def mail(url: str) -> dict:
    """EMAIL_URL as Django wants it: smtp://user:password@host:587?tls=1 | file: | console: | dotted backend."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {"CARRIER": "munistem.commons.mail.backends.FolderBackend", "FOLDER": DATA_DIR / "mail"}
    if parts.scheme == "console":
        return {"CARRIER": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme.startswith("smtp"):
        options = dict(parse_qsl(parts.query))
        return {
            "CARRIER": "django.core.mail.backends.smtp.EmailBackend",
            "HOST": parts.hostname or "localhost",
            "PORT": parts.port or 25,
            "HOST_USER": unquote(parts.username or ""),
            "HOST_PASSWORD": unquote(parts.password or ""),
            "USE_TLS": options.get("tls") == "1",
            "USE_SSL": options.get("ssl") == "1" or parts.scheme == "smtps",
        }
    return {"CARRIER": url}


_mail = mail(env("EMAIL_URL", "smtp://localhost:25" if IS_PRODUCTION else "file:"))
EMAIL_BACKEND = "munistem.commons.mail.backends.QueueBackend"
EMAIL_CARRIER = _mail["CARRIER"]
EMAIL_FOLDER = _mail.get("FOLDER")
EMAIL_HOST, EMAIL_PORT = _mail.get("HOST", "localhost"), _mail.get("PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("HOST_USER", ""), _mail.get("HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("USE_TLS", False), _mail.get("USE_SSL", False)
EMAIL_TIMEOUT, MAIL_RESTS = 20, True  # it rests on Shabbat and holy days: munistem/commons/days/quiet.py
_name, _address = env("DEFAULT_FROM_EMAIL", "muni:STEM <portal@munistem.example>").rpartition("<")[::2]
# Quoted, because a colon in a name means something else to mail servers.
DEFAULT_FROM_EMAIL = (
    '"{}" <{}>'.format(_name.strip(' "'), _address.strip(" >")) if _name else _address.strip()
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Mail that comes in: to addresses of this domain; senders are as this mail server (RFC 8601) found them.
INBOUND_DOMAIN = env("INBOUND_DOMAIN", "" if IS_PRODUCTION and not DEMO else "reply.munistem.example").lower()
INBOUND_AUTHSERV, INBOUND_SECRET = env("INBOUND_AUTHSERV"), env("INBOUND_SECRET")
ANYMAIL = {name.removeprefix("ANYMAIL_"): env(name) for name in os.environ if name.startswith("ANYMAIL_")}
ANYMAIL["WEBHOOK_SECRET"] = f"munistem:{INBOUND_SECRET}"
ADMINS = [(name or address, address) for name, address in getaddresses([env("ADMINS")]) if address]
ACCESSIBILITY_CONTACT = env("ACCESSIBILITY_CONTACT", DEFAULT_FROM_EMAIL)
SECURITY_CONTACT = env("SECURITY_CONTACT", ACCESSIBILITY_CONTACT)

# Safety --------------------------------------------------------------------------------------------------
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = IS_HTTPS
#: What programs ask: one that speaks plain http is told so, for who is redirected never notices that its key is heard by others.
OF_PROGRAMS = r"^(?!me/)(api/|mail/(inbound|tracking)/|oai/|calendar/[^/]+\.ics$|(.+/)?feed/)"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", OF_PROGRAMS]
SECURE_HSTS_SECONDS = 63_072_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
DEVICE_COOKIE_NAME, DEVICE_COOKIE_AGE = "__Host-device" if IS_HTTPS else "device", 400 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "munistem.commons.guards.cookies.SaidStorage"
CSRF_FAILURE_VIEW = "munistem.commons.guards.views.refuse_forged"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
_UNUSED = (
    "accelerometer ambient-light-sensor autoplay camera display-capture encrypted-media geolocation gyroscope "
    "magnetometer microphone midi payment usb"
)
PERMISSIONS_POLICY: dict[str, list[str]] = {feature: [] for feature in _UNUSED.split()}

# The rest ------------------------------------------------------------------------------------------------
TAGGIT_CASE_INSENSITIVE = True
LOGGING = logs.configuration(is_trial=not IS_PRODUCTION)
REQUEST_LOG, SLOW_QUERY_MS = switch("REQUEST_LOG"), float(env("SLOW_QUERY_MS", "0"))
METRICS_TOKEN = env("METRICS_TOKEN")
if env("SENTRY_DSN"):
    sentry.start(env("SENTRY_DSN"), release="munistem")
