"""Addresses under /compte/. allauth's names are kept where its views serve; what it offers beside has no address."""

from allauth.account import views as allauth
from django.urls import include, path, re_path

from portal.web.accounts import activation, registration, terms

_own = [
    path("inscription/dossier/", registration.dossier, name="signup_dossier"),
    path("inscription/conditions/", registration.terms, name="signup_terms"),
    path("inscription/verification/", registration.check, name="signup_check"),
    path("inscription/mail-envoye/", registration.sent, name="signup_sent"),
    path("activation/renvoyer/", activation.ask_link, name="ask_link"),
    path("activation/<str:token>/", activation.activate, name="activate"),
    path("bienvenue/", activation.welcome, name="welcome"),
    path("rattachement/renvoyer/", activation.ask_contact, name="ask_contact"),
    path("rattachement/<str:token>/", activation.joining, name="joining"),
    path("conditions/", terms.terms, name="terms"),
]

urlpatterns = [
    path("connexion/", allauth.login, name="account_login"),
    path("deconnexion/", allauth.logout, name="account_logout"),
    path("compte-inactif/", activation.inactive, name="account_inactive"),
    path("inscription/", registration.parent, name="account_signup"),
    path("mot-de-passe/", allauth.password_reset, name="account_reset_password"),
    path("mot-de-passe/mail-envoye/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^mot-de-passe/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("mot-de-passe/change/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("", include((_own, "accounts"))),
]
