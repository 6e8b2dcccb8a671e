"""How a login and a password become an account."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from portal.domain.accounts.models import User
from portal.domain.accounts.queries import find_user


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """One query and one password hash, whether the account exists or not.

    allauth's own tries a mail address twice and an unknown one once: the time of the answer would tell which
    addresses have an account. Permissions are Django's own.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("email") or credentials.get("username") or ""
        user: User | None = self._check_password(find_user(login=login), credentials["password"])
        return user
