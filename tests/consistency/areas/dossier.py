"""Addresses of a part of the portal: the dossier and its pencils."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.domain.changes.enums import Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.families.models import Adult
from tests.consistency.address import FORM, POST, Address
from tests.domain.accounts.factories import PASSWORD
from tests.web.planning.scene import NOW
from tests.web.two_families import Town


def _adult(town: Town) -> Adult:
    """The other parent: the holder may change what they may do."""
    return Adult.objects.get(user=town.other_parent)


def _change(town: Town) -> tuple[int]:
    """A change asked by the first family, that waits."""
    found, _created = ChangeRequest.objects.get_or_create(
        family=town.family,
        rubric=Rubric.ADDRESS,
        asked_by=town.owner,
        state="pending",
        defaults={"old": {"street": town.family.street}, "new": {"street": "3, chemin neuf"}, "asked_at": NOW},
    )
    return (found.pk,)


def _picture(_town: Town) -> dict[str, Any]:
    return {"photo": SimpleUploadedFile("photo.txt", b"rien")}


PICTURE_REFUSED = frozenset({422})
NO_PICTURE = frozenset({404})

ADDRESSES: dict[str, Address] = {
    "dossier:index": Address(),
    "dossier:choose": Address(FORM, form=lambda town: {"famille": town.family.number}, theirs=True),
    "dossier:share": Address(POST, form=lambda _town: {"partage": "1"}),
    "dossier:towns": Address(query="?postcode=39220"),
    "dossier:change": Address(arguments=_change, theirs=True),
    "dossier:withdraw": Address(POST, _change, theirs=True),
    "dossier:add_adult": Address(FORM, form=lambda _town: {"first_name": "Rose", "last_name": "Neuve"}),
    "dossier:add_child": Address(
        FORM,
        form=lambda _town: {"first_name": "Rose", "last_name": "Neuve", "birth_date": "2022-03-02"},
    ),
    "dossier:edit_address": Address(
        FORM,
        form=lambda _town: {
            "street": "3, chemin neuf",
            "postcode": "39220",
            "town": "Les Rousses",
            "password": PASSWORD,
        },
    ),
    "dossier:edit_household": Address(FORM, form=lambda _town: {"situation": "couple"}),
    "dossier:adult": Address(arguments=lambda town: (_adult(town).pk,), theirs=True),
    "dossier:rights": Address(
        FORM, lambda town: (_adult(town).pk,), theirs=True, form=lambda _town: {"can_see": "on", "can_book": "on"}
    ),
    "dossier:adult_photo": Address(
        FORM, lambda town: (_adult(town).pk,), theirs=True, form=_picture, sent=PICTURE_REFUSED
    ),
    "dossier:adult_picture": Address(
        arguments=lambda town: (_adult(town).pk,), theirs=True, owner=NO_PICTURE, html=False
    ),
    "dossier:edit_adult": Address(
        FORM,
        lambda town: (_adult(town).pk, "coordonnees"),
        theirs=True,
        form=lambda _town: {"phone": "06 39 98 00 01"},
    ),
    "dossier:child": Address(arguments=lambda town: (town.enrolled.pk,), theirs=True),
    "dossier:child_photo": Address(
        FORM, lambda town: (town.enrolled.pk,), theirs=True, form=_picture, sent=PICTURE_REFUSED
    ),
    "dossier:child_picture": Address(
        arguments=lambda town: (town.enrolled.pk,), theirs=True, owner=NO_PICTURE, html=False
    ),
    "dossier:edit_child": Address(
        FORM,
        lambda town: (town.enrolled.pk, "identite"),
        theirs=True,
        form=lambda _town: {"first_name": "Rose", "last_name": "Neuve", "birth_date": "2018-03-02"},
    ),
}
