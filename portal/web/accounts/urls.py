"""Addresses under /compte/. allauth's names are kept where its views serve; what it offers beside has no address."""

from allauth.account import views as allauth
from allauth.mfa.base.views import reauthenticate
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp, deactivate_totp
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from portal.web.accounts import account, activation, first_contact, invitations, registration, terms
from portal.web.accounts.second_factor import AddKeyView, CodeView, KeyAgainView, RemoveKeyView, SecurityView

_own = [
    path("", account.home, name="home"),
    path("mot-de-passe-actuel/", account.password, name="password"),
    path("adresse-mail/", account.email, name="email"),
    path("adresse-mail/confirmer/<str:token>/", account.email_confirm, name="email_confirm"),
    path("adresse-mail/annuler/<str:token>/", account.email_cancel, name="email_cancel"),
    path("appareils/", account.sessions, name="sessions"),
    path("appareils/<int:pk>/fermer/", account.session_close, name="session_close"),
    path("appareils/fermer-les-autres/", account.sessions_close, name="sessions_close"),
    path("fiche/", account.sheet, name="sheet"),
    path("inviter/", invitations.invite, name="invite"),
    path("inviter/<int:pk>/renvoyer/", invitations.invite_resend, name="invite_resend"),
    path("inviter/<int:pk>/annuler/", invitations.invite_cancel, name="invite_cancel"),
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    path("premiere-demande/", first_contact.ask, name="first_contact"),
    path("premiere-demande/envoyee/", first_contact.sent, name="first_contact_sent"),
    path("premiere-demande/confirmer/<str:token>/", first_contact.confirm, name="first_contact_confirm"),
    path("premiere-demande/repondre/<str:token>/", first_contact.answer, name="first_contact_answer"),
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

_second_factor = [
    path("", never_cache(SecurityView.as_view()), name="mfa_index"),
    path("code/", login_not_required(never_cache(CodeView.as_view())), name="mfa_authenticate"),
    path("confirmer/", never_cache(reauthenticate), name="mfa_reauthenticate"),
    path("application/", never_cache(activate_totp), name="mfa_activate_totp"),
    path("application/retirer/", never_cache(deactivate_totp), name="mfa_deactivate_totp"),
    path("codes/", never_cache(view_recovery_codes), name="mfa_view_recovery_codes"),
    path("codes/nouveaux/", never_cache(generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("cles/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("cles/ajouter/", never_cache(AddKeyView.as_view()), name="mfa_add_webauthn"),
    path("cles/confirmer/", never_cache(KeyAgainView.as_view()), name="mfa_reauthenticate_webauthn"),
    path("cles/<int:pk>/retirer/", never_cache(RemoveKeyView.as_view()), name="mfa_remove_webauthn"),
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
    path("confirmer/", never_cache(allauth.reauthenticate), name="account_reauthenticate"),
    path("deux-etapes/", include(_second_factor)),
    path("", include((_own, "accounts"))),
]
