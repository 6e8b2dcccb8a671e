"""Who may sign in: users, activation of an account, versions of the terms of use and who accepted them.

Owns `User`, `Activation`, `TermsVersion`, `TermsAcceptance`. Knows no family: the link lives in `families`.
Verbs: `create_pending_account`, `activate_account`, `renew_activation`, `purge_unactivated_accounts`, `accept_terms`.
"""
