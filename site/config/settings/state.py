"""The services of the State that a town may use: FranceConnect, API Particulier. Off until they are named."""

import environ

env = environ.Env()

# -- FranceConnect (off unless a client is named) --------------------------------------------

#: The address under which FranceConnect answers, `/.well-known/openid-configuration` excepted.
FRANCECONNECT_URL = env.str("FRANCECONNECT_URL", default="https://oidc.franceconnect.gouv.fr/api/v2").rstrip("/")
FRANCECONNECT_CLIENT_ID = env.str("FRANCECONNECT_CLIENT_ID", default="")
FRANCECONNECT_SECRET = env.str("FRANCECONNECT_SECRET", default="")
#: What is asked of FranceConnect: enough to recognise a person, no address mail.
FRANCECONNECT_SCOPES = env.list(
    "FRANCECONNECT_SCOPES", default=["openid", "given_name", "family_name", "preferred_username", "birthdate"]
)
#: The CAF and MSA scopes that the town's habilitation opens, asked only to fetch a quotient.
FRANCECONNECT_QUOTIENT_SCOPES = env.list(
    "FRANCECONNECT_QUOTIENT_SCOPES", default=["cnaf_quotient_familial", "cnaf_allocataires", "cnaf_enfants"]
)
#: Seconds that FranceConnect has to answer.
FRANCECONNECT_TIMEOUT = env.int("FRANCECONNECT_TIMEOUT", default=10)
#: The official picture of the button, given by FranceConnect to each partner (a static path); else a plain button.
FRANCECONNECT_BUTTON = env.str("FRANCECONNECT_BUTTON", default="")
SOCIALACCOUNT_ADAPTER = "portal.web.franceconnect.adapter.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# -- API Particulier (off unless the town has its token) -------------------------------------

API_PARTICULIER_URL = env.str("API_PARTICULIER_URL", default="https://particulier.api.gouv.fr").rstrip("/")
API_PARTICULIER_TOKEN = env.str("API_PARTICULIER_TOKEN", default="")
#: The SIRET of the commune, which every question names.
API_PARTICULIER_RECIPIENT = env.str("API_PARTICULIER_RECIPIENT", default="")
API_PARTICULIER_TIMEOUT = env.int("API_PARTICULIER_TIMEOUT", default=10)
