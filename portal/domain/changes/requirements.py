"""What a dossier must hold of people and addresses: nothing that a family finds hard, nothing that blocks."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portal.domain.families.requirements import Asked, Requirement, Standing


def identity_requirements(asked: Asked) -> Iterable[Requirement]:
    """The address of the household, a phone for each parent, the school of each child for the year."""
    family = asked.family
    yield Requirement(
        code="address",
        label=_("Adresse de la famille"),
        standing=_standing(bool(family.street and family.postcode and family.town)),
        url_name="dossier:edit_address",
    )
    for member in asked.members:
        if not member.can_edit:
            continue
        yield Requirement(
            code=f"phone-{member.adult_id}",
            label=_("Téléphone de %(name)s") % {"name": member.adult.first_name},
            standing=_standing(bool(member.adult.phone or member.adult.other_phone)),
            url_name="dossier:edit_adult",
            params={"adult_id": member.adult_id, "rubric": "coordonnees"},
        )
    for child in asked.children:
        yield Requirement(
            code=f"school-{child.pk}",
            label=_("École de %(name)s") % {"name": child.first_name},
            standing=_standing(child.pk in asked.schoolings),
            child_id=child.pk,
            url_name="dossier:edit_child",
            params={"child_id": child.pk, "rubric": "ecole"},
        )


def _standing(there: bool) -> Standing:
    return Standing.DONE if there else Standing.MISSING
