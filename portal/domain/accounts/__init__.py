"""Who may sign in: users, activation of an account, versions of the terms of use and who accepted them.

Owns `User`, `Activation`, `TermsVersion`, `TermsAcceptance`, `EntrySettings` (how families enter), `EmailChange`,
`SignInSession`. Knows no family: the link lives in `families`.
Verbs: `create_pending_account`, `create_open_account`, `activate_account`, `renew_activation`,
`purge_unactivated_accounts`, `accept_terms`; in `security`: `ask_email_change`, `confirm_email_change`,
`cancel_email_change`, `open_session`, `close_session`, `close_sessions`. `purges.register_purge` adds to the hourly
purge.
"""
