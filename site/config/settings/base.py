"""Settings shared by every way of running the portal. What differs is in dev, test, production."""

from typing import Any

import environ
from csp.constants import NONE, SELF, UNSAFE_INLINE

from config import embedded
from config.places import COMMUNES_DIR, LOCALE_DIR, STATIC_DIR, TEMPLATES_DIR, VAR_DIR
from config.settings.schedule import *
from config.settings.state import *

env = environ.Env()

DEBUG = False
#: True where the pages under /demo/ exist (sent mails, components): never in production.
DEMO = False

# -- Applications -------------------------------------------------------------------------

INSTALLED_APPS = [
    "portal.domain.accounts",
    "portal.domain.audit",
    "portal.domain.mails",
    "portal.domain.files",
    "portal.domain.privacy",
    "portal.domain.families",
    "portal.domain.activities",
    "portal.domain.merging",
    "portal.domain.notices",
    "portal.domain.procedures",
    "portal.domain.desk",
    "portal.domain.reconciliation",
    "portal.domain.changes",
    "portal.domain.contacts",
    "portal.domain.consents",
    "portal.domain.health",
    "portal.domain.custody",
    "portal.domain.quotients",
    "portal.domain.papers",
    "portal.domain.joining",
    "portal.domain.tariffs",
    "portal.domain.dossier",
    "portal.domain.enrolments",
    "portal.domain.pricing",
    "portal.domain.scope",
    "portal.domain.bookings",
    "portal.domain.absences",
    "portal.domain.waiting",
    "portal.domain.late_requests",
    "portal.domain.transport",
    "portal.domain.rentree",
    "portal.domain.reminders",
    "portal.domain.feeds",
    "portal.domain.closures",
    "portal.web",
    "portal.web.franceconnect",
    "portal.backoffice",
    "cms_pages",
    "cms_pages.town",
    "cms_pages.surveys",
    "news",
    "documents.library",
    "documents.menus",
    "tariffs_simulator",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtail_modeladmin",
    "modelcluster",
    "taggit",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "config.canonical_host.CanonicalHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.page_cache.PageCacheMiddleware",
    "config.middleware.ContentSecurityPolicyMiddleware",
    "portal.web.language.middleware.LanguageMiddleware",
    "portal.web.middleware.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.web.acting.middleware.ActingMiddleware",
    "config.middleware.ClosedByDefaultMiddleware",
    "config.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.web.accounts.sessions.SessionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.web.franceconnect.leaving.LeavingMiddleware",
    "portal.web.accounts.second_factor.AgentsSecondFactorMiddleware",
    "portal.web.accounts.middleware.TermsGateMiddleware",
    "portal.web.merged.MergedPeopleMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [TEMPLATES_DIR],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "portal.web.context.site_context",
            ],
        },
    },
]

#: `{{ form }}` draws our fields (label, hint, error tied to the control).
FORM_RENDERER = "portal.web.forms.PortalRenderer"
#: Who tells the public simulator of the signed-in family: it knows no family by itself.
SIMULATOR_FAMILIES = "portal.web.simulation.FAMILIES"
CSRF_FAILURE_VIEW = "portal.web.design.errors.csrf_failure"

# -- Database, cache, queue ---------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: With DATABASE_URL or REDIS_URL set, that server is used and nothing embedded is touched.
DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.database_url()
REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()


def database_from_url(url: str) -> dict[str, Any]:
    """Django's settings of one PostgreSQL address, in libpq's own notation (`?host=` is a socket folder)."""
    parsed: dict[str, Any] = env.db_url_config(url)
    options = parsed.setdefault("OPTIONS", {})
    if "host" in options:
        parsed["HOST"] = options.pop("host")
    return parsed


DATABASES: dict[str, dict[str, Any]] = {"default": database_from_url(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portail",
    },
    # What can always be made again: a server that is down costs time, not the page.
    "public": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portail-public",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    },
}

#: Whole pages are kept for visitors (config.page_cache).
PAGE_CACHE = env.bool("PAGE_CACHE", default=True)

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Celery does the town's work (mails, baskets, accounts). Wagtail's own background work
# (search index, page references) runs inside the request: it is small, and agents expect to see it done.
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

#: Celery names a Redis socket `redis+socket://path`, redis-py `unix://path`.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page that sends a task does not wait for a broker that is down (six seconds by default): what matters is in
# the database, and beat comes every minute.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
# A worker that dies gives its task back: every task of ours may run twice without harm.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_DEFAULT_QUEUE = "portail"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celery-beat")

# -- People -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# One backend, one look-up, one hash: the time of a refusal does not tell whether the account exists.
AUTHENTICATION_BACKENDS = ["portal.web.accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "portal.domain.accounts.hashers.OwaspArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# CNIL, délibération 2022-100: with attempts slowed down, 12 characters that are neither
# common nor close to the person's name, without rules of composition.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/famille/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "portal.web.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.web.accounts.forms.SignInForm",
    "reset_password": "portal.web.accounts.forms.ResetRequestForm",
    "reset_password_from_key": "portal.web.accounts.forms.NewPasswordForm",
    "reauthenticate": "portal.web.accounts.second_factor.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
# Activation is ours (24 h, then the account vanishes): allauth verifies nothing beside it.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A changed password is announced to the account's address.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Seconds a reset link lives; it serves once.
PASSWORD_RESET_TIMEOUT = 24 * 3600
# By address of the visitor (wide: a town hall, a mobile operator are one address for many families) and by login.
# CNIL: at most 25 wrong passwords a day for an account; a reset link opens it again.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "30/m/ip,5/300s/key,25/d/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
}
# Before a change of security the password, or the second step, is asked again; it counts for five minutes.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300

# The second step of a sign-in: an application, a key, codes on paper. Offered to families.
MFA_ADAPTER = "portal.web.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "portal.web.accounts.second_factor.CodeForm",
    "reauthenticate": "portal.web.accounts.second_factor.CodeAgainForm",
    "activate_totp": "portal.web.accounts.second_factor.ActivateForm",
    "add_webauthn": "portal.web.accounts.second_factor.AddKeyForm",
}
# Clocks of telephones drift: the code before and the code after are good too; none serves twice.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
#: Agents reach nothing but its set-up until they have one. The demo and the tests go without.
AGENTS_NEED_SECOND_FACTOR = env.bool("AGENTS_NEED_SECOND_FACTOR", default=False)
#: Send every other host to the one of PORTAL_BASE_URL; probes excepted. On in production.
CANONICAL_HOST = env.bool("CANONICAL_HOST", default=False)

#: How many proxies of ours stand in front: the visitor's address is read that far from the right.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# -- French, in France --------------------------------------------------------------------

LANGUAGE_CODE = "fr"
#: French is the town's language and the source of every text; the second one is a catalogue (`locale/`).
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [LOCALE_DIR]
LANGUAGE_COOKIE_NAME = "langue"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True

# -- Files --------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [STATIC_DIR]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
#: What families send: never under an address of the web server.
PRIVATE_ROOT = VAR_DIR / "private"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Outside what a web server shows: each download asks who reads.
    "library": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "private" / "library", "base_url": None, "file_permissions_mode": 0o640},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Wagtail's page editor sends more fields than Django's default of 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# -- Mail ---------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Portail famille <portail@mairie.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20

# -- Security -----------------------------------------------------------------------------

CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

if FRANCECONNECT_CLIENT_ID:
    # A form of ours that leads to FranceConnect by a redirection is a form sent there, for Chromium.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("/".join(FRANCECONNECT_URL.split("/")[:3]))

#: The agents' door is Wagtail's admin, whose widgets write scripts and styles in the page.
#: Previews are shown in a frame of the same site.
BACKOFFICE_CONTENT_SECURITY_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}

# -- Wagtail ------------------------------------------------------------------------------

#: Decided before the first migration: Wagtail's own Page, see docs/adr/.
WAGTAIL_PAGE_MODEL = "wagtailcore.Page"
# The editors' calendar reads French dates; it would take a wrong one for today.
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
WAGTAIL_SITE_NAME = "Portail famille"
#: Where the agents work; the policy above and the public address `/gestion/` hang on it.
BACKOFFICE_PREFIX = "/gestion/"
#: The portal's own address, without a trailing slash: links in mails begin with it.
PORTAL_BASE_URL = env.str("PORTAL_BASE_URL", default="http://localhost:8000").rstrip("/")
WAGTAILADMIN_BASE_URL = PORTAL_BASE_URL
# One door, one throttle: agents sign in where families do.
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_RESET_ENABLED = False
# Pages and agents' screens stay French.
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES[:1]
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES[:1]
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "cms_pages.search_backend", "SEARCH_CONFIG": "french"},
}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "ics", "odt", "ods", "pdf", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
# Wagtail's own files are always asked of the portal, which knows the collections that are not for everybody.
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "documents.library.uploads.CheckedDocumentForm"
#: The greatest file of the library, in bytes.
LIBRARY_MAX_UPLOAD_SIZE = env.int("LIBRARY_MAX_UPLOAD_SIZE", default=10 * 1024 * 1024)
# Nothing of the agents' or the families' leaves for a third party.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# -- Search engines -----------------------------------------------------------------------

#: A rehearsal is hidden from search engines with INDEXABLE=0; the demo is always.
INDEXABLE = env.bool("INDEXABLE", default=True)

#: An image of the library is added with its description.
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms_pages.town.image_forms.DescribedImageForm"
#: Once a day, ask the sites that pages lead to whether the links still work. Off: nothing leaves the server.
CHECK_EXTERNAL_LINKS = env.bool("CHECK_EXTERNAL_LINKS", default=False)

# -- The commune --------------------------------------------------------------------------

#: The profile that `load_commune` and the demo take when none is named.
COMMUNE = env.str("COMMUNE", default="les-rousses")
COMMUNES_DIRS = [COMMUNES_DIR]

#: What pages say of the commune until its site settings are filled in: names of portal.web.identity.SiteIdentity.
PORTAL_IDENTITY: dict[str, Any] = {}
#: Closes the families' pages (503): False, True, or the hour of reopening as it is said ("18 h").
PORTAL_MAINTENANCE: bool | str = env.str("PORTAL_MAINTENANCE", default="") or False

# -- The rules a commune sets --------------------------------------------------------------

#: A draft keeps its places that long after its last change.
DRAFT_MINUTES = env.int("DRAFT_MINUTES", default=20)
#: Hours to follow the activation link: account made by the family, account made by the service.
ACTIVATION_HOURS_SELF = env.int("ACTIVATION_HOURS_SELF", default=24)
ACTIVATION_HOURS_STAFF = env.int("ACTIVATION_HOURS_STAFF", default=96)

# -- Files of families --------------------------------------------------------------------

#: The greatest file that a family may send, in bytes, and how many at once.
FAMILY_MAX_UPLOAD_SIZE = env.int("FAMILY_MAX_UPLOAD_SIZE", default=6 * 1024 * 1024)
FAMILY_MAX_UPLOADS = env.int("FAMILY_MAX_UPLOADS", default=4)
#: Where clamd listens ("/run/clamav/clamd.ctl" or "127.0.0.1:3310"); empty: files are not scanned.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
#: Keys that seal health sheets (Fernet, the first one seals); without them they are derived from SECRET_KEY.
HEALTH_KEYS = env.list("HEALTH_KEYS", default=[])

# -- Logs ---------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # One line per page saved, twice: the journal and Wagtail's own history already tell it.
        "django_tasks": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # Many a PDF that opens everywhere is not quite to the letter.
        "pypdf": {"level": "ERROR"},
        # Its debug lines quote whole addresses: those of API Particulier hold an identity.
        "urllib3": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
