"""How passwords are kept: Argon2id at the OWASP minimum."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane.

    The smallest setting of the OWASP Password Storage Cheat Sheet that it puts first. Django's
    own default (100 MiB, eight lanes) costs several times as much and would be what gives way
    on opening day, when thousands sign in within minutes. An older hash is renewed at sign-in.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
