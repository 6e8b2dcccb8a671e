"""The account's door: sign-in and reset by link (allauth underneath), creation in four steps, activation, terms.

Only what is used has an address: allauth's other pages (its own sign-up, mail addresses, reauthentication) are not
served. Nothing here tells a stranger whether an address, a user name or a dossier exists.
"""
