"""What a dossier must hold: the link of each adult with each child (guide 000, D12)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from portal.domain.contacts.queries import load_around
from portal.domain.families.requirements import Asked, Requirement, Standing, register_requirements
from portal.domain.kernel.clock import paris_date


def kinships(asked: Asked) -> Iterator[Requirement]:
    """One line per child; done once each adult of the dossier has said what they are to it."""
    adults = [member.adult for member in asked.members]
    day = paris_date(asked.at)
    for around in load_around(family=asked.family, children=asked.children, day=day, adults=adults):
        yield Requirement(
            code=f"kinship-{around.child.pk}",
            label=_("Lien de parenté avec %(name)s") % {"name": around.child.first_name},
            standing=Standing.DONE if around.is_complete else Standing.MISSING,
            child_id=around.child.pk,
            note="" if around.is_complete else _("Indiquez ce que chaque adulte du dossier est pour l’enfant."),
            url_name="contacts:kinship",
            params={"child_id": around.child.pk},
        )


def connect() -> None:
    """Register with the dossier."""
    register_requirements("contacts", kinships, order=20)
