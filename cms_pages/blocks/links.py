"""Links that agents write, resolved when they are shown."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError, StructValue
from wagtail.documents.blocks import DocumentChooserBlock

#: The portal's own screens that a link may lead to, by name of view.
DOORS = [
    ("account_signup", "Créer un compte"),
    ("account_login", "Se connecter"),
    ("home:index", "Espace famille"),
    ("enrolments:index", "Inscriptions"),
    ("planning:index", "Planning"),
]

_TARGETS = ("page", "document", "door", "url")


class LinkValue(StructValue):
    """A link, resolved when it is shown: one that leads nowhere any more has no address and is not drawn."""

    @property
    def href(self) -> str:
        """The address, or "" when the page was taken down or the screen is not installed."""
        if page := self.get("page"):
            return (page.url or "") if page.live else ""
        if document := self.get("document"):
            return str(document.url)
        if door := self.get("door"):
            try:
                return reverse(door)
            except NoReverseMatch:
                return ""
        return str(self.get("url") or "")

    @property
    def note(self) -> str:
        """For a file, its kind: "PDF"."""
        document = self.get("document")
        return str(document.file_extension).upper() if document else ""


class LinkBlock(blocks.StructBlock):
    """Words, and one place to go: a page, a file, a screen of the portal or an address."""

    label = blocks.CharBlock(label="Texte du lien", max_length=120)
    page = blocks.PageChooserBlock(label="Page", required=False)
    document = DocumentChooserBlock(label="Fichier", required=False)
    door = blocks.ChoiceBlock(label="Écran du portail", choices=DOORS, required=False)
    url = blocks.URLBlock(label="Adresse d’un autre site", required=False)

    class Meta:
        label = "Lien"
        icon = "link"
        value_class = LinkValue
        template = "cms_pages/blocks/link.html"

    def clean(self, value: Any) -> Any:
        """Exactly one target."""
        cleaned = super().clean(value)
        chosen = [name for name in _TARGETS if cleaned.get(name)]
        if len(chosen) != 1:
            reason = (
                "Choisissez où mène le lien : une page, un fichier, un écran ou une adresse."
                if not chosen
                else "Un lien mène à un seul endroit : gardez-en un, videz les autres."
            )
            raise StructBlockValidationError(
                block_errors={name: ValidationError(reason) for name in (chosen or ["page"])}
            )
        return cleaned
