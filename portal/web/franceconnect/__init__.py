"""FranceConnect v2: signing in, linking, unlinking, leaving; the provider is ours, on allauth. Off unless configured.

An account is linked by somebody who has just proved both sides: never by a mail address, never by a name alone. Agents
do not come this way.
"""
