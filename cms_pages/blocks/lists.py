"""Lists: documents, contacts, and what the portal computes (structures, deadlines)."""

from typing import Any

from django import forms
from wagtail import blocks
from wagtail.blocks.struct_block import StructValue

from cms_pages.blocks.links import LinkBlock
from cms_pages.blocks.prose import LISTS
from cms_pages.enums import ContactKind, Icon, StructureKind
from portal.domain.activities.models import Service


class ServiceSelect(forms.Select):
    """The services of the town by name, read when the editor opens and never when a page is shown."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        """The services of this instant."""
        self.choices = [("", "Aucun"), *Service.objects.order_by("name").values_list("code", "name")]
        return super().optgroups(name, value, attrs)


class ServiceBlock(blocks.FieldBlock):
    """The code of a service."""

    def __init__(self, required: bool = False, help_text: str = "", **kwargs: Any) -> None:
        self.field = forms.SlugField(
            required=required, help_text=help_text, max_length=50, widget=ServiceSelect(attrs={})
        )
        super().__init__(**kwargs)

    def get_searchable_content(self, value: Any) -> list[str]:
        """A code is no word of the page."""
        return []

    class Meta:
        icon = "group"
        default = ""


class ContactValue(StructValue):
    """Who to ask. A service gives its own phone, mail and hours; what the agent wrote comes first."""

    @property
    def source(self) -> Service | None:
        """The service behind the card, or None: not one, or one that was removed since."""
        if not hasattr(self, "_source"):
            code = self.get("service")
            self._source = Service.objects.filter(code=code).first() if code else None
        return self._source

    def know(self, services: dict[str, Service]) -> None:
        """Give the services already read: a page of ten contacts asks the database once."""
        self._source = services.get(self.get("service") or "")

    @property
    def phone(self) -> str:
        return str(self.get("own_phone") or (self.source.phone if self.source else ""))

    @property
    def email(self) -> str:
        return str(self.get("own_email") or (self.source.email if self.source else ""))

    @property
    def hours(self) -> str:
        return str(self.get("own_hours") or (self.source.opening_hours if self.source else ""))


class ContactBlock(blocks.StructBlock):
    """A person or a service to ask."""

    title = blocks.CharBlock(label="Titre", max_length=120)
    text = blocks.TextBlock(label="Pour quoi", required=False, rows=2)
    service = ServiceBlock(
        label="Service",
        required=False,
        help_text="Son téléphone, son adresse mail et ses horaires sont repris : corrigez-les une seule fois.",
    )
    own_phone = blocks.CharBlock(label="Ou un téléphone", required=False, max_length=20)
    own_email = blocks.EmailBlock(label="Ou une adresse mail", required=False)
    own_hours = blocks.CharBlock(label="Ou des horaires", required=False, max_length=200)

    class Meta:
        label = "Contact"
        icon = "mail"
        group = LISTS
        value_class = ContactValue
        template = "cms_pages/blocks/contact.html"


class SubjectBlock(ContactBlock):
    """A contact by subject, with what may already answer."""

    kind = blocks.ChoiceBlock(label="Sujet", choices=ContactKind.choices, default=ContactKind.OTHER)
    icon = blocks.ChoiceBlock(label="Pictogramme", choices=Icon.choices, default=Icon.INFORMATION)
    links = blocks.ListBlock(LinkBlock(), label="Liens", min_num=0, max_num=2, default=[])

    class Meta:
        label = "Contact par sujet"
        icon = "mail"
        value_class = ContactValue
        template = "cms_pages/blocks/subject.html"


class DocumentsBlock(blocks.StructBlock):
    """A list of files and pages to read or to download."""

    title = blocks.CharBlock(label="Titre", max_length=120, default="Nos documents")
    entries = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("link", LinkBlock(label="Document")),
                ("note", blocks.CharBlock(label="Précision", required=False, max_length=120)),
            ],
            label="Document",
        ),
        label="Documents",
    )

    class Meta:
        label = "Liste de documents"
        icon = "doc-full"
        group = LISTS
        template = "cms_pages/blocks/documents.html"


class StructuresBlock(blocks.StructBlock):
    """The places that have a page, of some kinds or all: the list keeps itself."""

    title = blocks.CharBlock(label="Titre", max_length=120, default="Les lieux d’accueil")
    kinds = blocks.MultipleChoiceBlock(
        label="Lesquels", choices=StructureKind.choices, required=False, help_text="Sans réponse, tous."
    )

    class Meta:
        label = "Lieux d’accueil"
        icon = "home"
        group = LISTS
        template = "cms_pages/blocks/structures.html"


class DeadlinesBlock(blocks.StructBlock):
    """The next closings of the planning, for everybody: the list keeps itself."""

    title = blocks.CharBlock(label="Titre", max_length=120, default="Prochaines échéances")
    number = blocks.IntegerBlock(label="Combien", default=3, min_value=1, max_value=9)

    class Meta:
        label = "Prochaines échéances"
        icon = "date"
        group = LISTS
        template = "cms_pages/blocks/deadlines.html"
