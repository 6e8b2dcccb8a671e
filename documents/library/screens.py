"""The agents' screens of the library: documents with their versions, and categories."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail_modeladmin.options import ModelAdminGroup
from wagtail_modeladmin.views import InstanceSpecificView

from cms_pages.audiences import AudienceFormMixin, audience_panel
from documents.library.inspection import inspect
from documents.library.models import DocumentCategory, DocumentVersion, LibraryDocument
from documents.library.services import PublicationRefused, publish_version, withdraw_version
from documents.library.uploads import CheckedFileField, accepted_sentence
from portal.backoffice.scoping import public_content
from portal.backoffice.screens.audited import Refused
from portal.backoffice.screens.base import PortalButtons, PortalModelAdmin
from portal.backoffice.screens.forms import AgentForm
from portal.backoffice.screens.lists import ByName
from portal.backoffice.screens.permissions import AgentPermissions
from portal.backoffice.screens.reading import KnownInstance, column, detail, on_the_clock
from portal.domain.accounts.models import User
from portal.domain.files.checks import weight
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import full_date, typography

_FILE_HELP = "Il sera publié tel quel : relisez-le. Il ne changera plus ; une correction est une nouvelle version."


class VersionForm(forms.Form):
    """What « Publier une nouvelle version » asks."""

    file = CheckedFileField(label="Fichier")
    note = forms.CharField(
        label="Ce qui change",
        required=False,
        max_length=300,
        help_text=typography("Une phrase pour qui connaît la version d’avant : « Le soir finit à 18 h 30 »."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _about_files()


def _about_files() -> str:
    return accepted_sentence(settings.LIBRARY_MAX_UPLOAD_SIZE)


class DocumentForm(AudienceFormMixin, AgentForm):
    """A document; the first version comes with it, the next ones by their own page."""

    frozen = ("slug",)

    file = CheckedFileField(label="Fichier")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["file"]
        else:
            self.fields["file"].help_text = f"{_about_files()} {typography(_FILE_HELP)}"


class DocumentPermissions(AgentPermissions):
    """Publishing is changing a document; withdrawing asks for the permission to delete a version."""

    def user_can_publish(self, user: User) -> bool:
        """Whether the agent publishes versions."""
        return bool(user.has_perm("library.add_documentversion"))

    def user_can_withdraw(self, user: User) -> bool:
        """Whether the agent takes back a version published by mistake."""
        return bool(user.has_perm("library.delete_documentversion"))


class DocumentButtons(PortalButtons):
    """Adds « Publier une nouvelle version » and « Voir sur le site »."""

    def get_buttons_for_obj(self, obj: LibraryDocument, **kwargs: Any) -> list[dict[str, Any]]:
        """Modeladmin's buttons, then ours."""
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, **kwargs)
        classname = self.finalise_classname([*self.edit_button_classnames, *(kwargs.get("classnames_add") or [])])
        if self.permission_helper.user_can_publish(self.request.user):
            buttons.append(
                {
                    "url": self.url_helper.get_action_url("publier", quote(obj.pk)),
                    "label": "Publier une nouvelle version",
                    "classname": classname,
                    "title": typography(f"Publier une nouvelle version : {obj}"),
                }
            )
        buttons.append(
            {"url": obj.page_url, "label": "Voir sur le site", "classname": classname, "title": f"Voir : {obj}"}
        )
        return buttons


class _ActionView(KnownInstance, InstanceSpecificView):
    """A page of its own about one document, that ends on its page."""

    def back(self) -> str:
        """The page of the document."""
        address: str = self.url_helper.get_action_url("inspect", quote(self.instance.pk))
        return address

    def get_meta_title(self) -> str:
        return f"{self.page_title} : {self.instance}"


class PublishView(_ActionView):
    """One form, one call of the domain, then what the agent should know about the file."""

    page_title = "Publier une nouvelle version"

    def check_action_permitted(self, user: User) -> bool:
        return bool(self.permission_helper.user_can_publish(user))

    def get_template_names(self) -> list[str]:
        return ["library/agents/publish.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", VersionForm())
        return super().get_context_data(last=self.instance.current, back_url=self.back(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Publish, or show again what was typed with the reason."""
        form = VersionForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                version = publish_version(
                    document=self.instance,
                    file=file,
                    note=form.cleaned_data["note"],
                    by=request.user,
                    at=timezone.now(),
                )
            except PublicationRefused as refusal:
                form.add_error("file", refusal.reason)
            else:
                messages.success(
                    request, typography(f"C’est publié : version {version.number} de « {self.instance} ».")
                )
                for warning in inspect(file).warnings:
                    messages.warning(request, typography(warning))
                return redirect(self.back())
        messages.error(request, typography("Rien n’est publié. Corrigez ce qui est signalé."))
        return self.render_to_response(self.get_context_data(form=form), status=422)


class WithdrawView(_ActionView):
    """Asks, then takes back a version published by mistake."""

    page_title = "Retirer une version"

    def check_action_permitted(self, user: User) -> bool:
        return bool(self.permission_helper.user_can_withdraw(user))

    def get_template_names(self) -> list[str]:
        return ["library/agents/withdraw.html"]

    def version(self) -> DocumentVersion:
        """The version that the address names."""
        wanted = self.request.GET.get("version", "")
        for version in self.instance.all_versions:
            if str(version.number) == wanted:
                return version
        raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(version=self.version(), back_url=self.back(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Withdraw, say what happened, go back to the document."""
        version = self.version()
        try:
            withdraw_version(version=version, by=request.user, at=timezone.now())
        except PublicationRefused as refusal:
            messages.error(request, refusal.reason)
        else:
            messages.success(request, typography(f"La version {version.number} est retirée, son fichier est effacé."))
        return redirect(self.back())


class DocumentAdmin(PortalModelAdmin):
    scoped_by = staticmethod(public_content)
    model = LibraryDocument
    menu_label = "Documents à télécharger"
    menu_icon = "doc-full"
    base_url_path = "bibliotheque/documents"
    list_display = ("title", "category", "in_force", "audience", "validity")
    list_filter = (("category", ByName), "audience", "on_home")
    list_select_related = ("category",)
    search_fields = ("title", "description", "slug")
    ordering = ("category__order", "order", "title")
    list_display_add_buttons = "title"
    form_class = DocumentForm
    permission_helper_class = DocumentPermissions
    button_helper_class = DocumentButtons
    inspect_view_fields = (
        "title",
        "description",
        "category",
        "audience",
        "validity",
        "on_site",
        "versions",
    )
    deletion_warning = "Un document publié se garde : donnez-lui plutôt un dernier jour."
    panels = (
        MultiFieldPanel(
            [FieldPanel("title"), FieldPanel("slug"), FieldPanel("description"), FieldPanel("category")],
            heading="Ce que c’est",
        ),
        FieldPanel("file"),
        MultiFieldPanel(
            [
                FieldPanel("services", widget=forms.CheckboxSelectMultiple),
                FieldPanel("activities", widget=forms.CheckboxSelectMultiple),
            ],
            heading="De quoi il parle",
        ),
        audience_panel(),
        MultiFieldPanel(
            [
                HelpPanel("Sans date, il est montré dès sa publication et jusqu’à nouvel ordre."),
                FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_until")]),
                FieldRowPanel([FieldPanel("on_home"), FieldPanel("order")]),
            ],
            heading="Quand, et où",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LibraryDocument]":
        """With what the list shows of versions."""
        found: QuerySet[LibraryDocument] = super().get_queryset(request).with_versions()
        return found

    def get_prepopulated_fields(self, request: HttpRequest) -> dict[str, tuple[str, ...]]:
        """The address follows the title while it is typed."""
        return {"slug": ("title",)}

    def store(self, form: Any, *, by: User, at: Any) -> LibraryDocument:
        """The document and, the first time, its first version."""
        saved: LibraryDocument = form.save()
        if file := form.cleaned_data.get("file"):
            try:
                publish_version(document=saved, file=file, by=by, at=at)
            except PublicationRefused as refusal:
                raise Refused("file", refusal.reason) from refusal
        return saved

    def notices(self, instance: Any, *, form: Any, at: Any) -> list[str]:
        """What is to be known about the file just published."""
        file = form.cleaned_data.get("file")
        return list(inspect(file).warnings) if file else []

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        """Also the two pages about versions."""
        actions = tuple(
            re_path(
                self.url_helper.get_action_url_pattern(action),
                view,
                name=self.url_helper.get_action_url_name(action),
            )
            for action, view in (("publier", self.publish), ("retirer", self.withdraw))
        )
        return (*super().get_admin_urls_for_registration(), *actions)

    def publish(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """The view behind « Publier une nouvelle version », in modeladmin's manner."""
        response: HttpResponse = PublishView.as_view(model_admin=self, instance_pk=instance_pk)(request)
        return response

    def withdraw(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """The view behind « Retirer »."""
        response: HttpResponse = WithdrawView.as_view(model_admin=self, instance_pk=instance_pk)(request)
        return response

    @column("en vigueur")
    def in_force(self, document: LibraryDocument) -> str:
        """The last version, its type and weight."""
        version = document.current
        if version is None:
            return "aucune version"
        return f"version {version.number}, {version.file_type.label}, {weight(version.size)}"

    @column("dates", order="valid_until")
    def validity(self, document: LibraryDocument) -> str:
        """From when, until when."""
        parts = [
            f"à partir du {full_date(document.valid_from)}" if document.valid_from else "",
            f"jusqu’au {full_date(document.valid_until)}" if document.valid_until else "",
            "terminé" if document.is_over(paris_date(timezone.now())) else "",
        ]
        return ", ".join(part for part in parts if part) or "sans limite"

    @detail("sur le site")
    def on_site(self, document: LibraryDocument, reader: User) -> SafeString:
        """Its page, and the address that always leads to the version in force."""
        return format_html(
            '<a href="{}">Voir sa page</a><br>Adresse à donner, qui mène toujours à la version en vigueur : {}',
            document.page_url,
            document.latest_url,
        )

    @detail("versions")
    def versions(self, document: LibraryDocument, reader: User) -> SafeString | str:
        """Each with its file, its author, and the way to take it back."""
        withdrawable = reader.has_perm("library.delete_documentversion")
        back = self.url_helper.get_action_url("retirer", quote(document.pk))
        rows = (
            (
                version.url,
                typography(f"Version {version.number} du {on_the_clock(version.published_at)}"),
                typography(f"{version.file_type.label}, {weight(version.size)}, par {version.published_by}"),
                version.note,
                format_html(' <a href="{}?version={}">Retirer</a>', back, version.number) if withdrawable else "",
            )
            for version in document.versions.select_related("published_by").order_by("-number")
        )
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a> ({}) {}{}</li>', rows))


class CategoryForm(AgentForm):
    """The code of a category is in addresses that families kept."""

    frozen = ("slug",)


class CategoryAdmin(PortalModelAdmin):
    scoped_by = staticmethod(public_content)
    model = DocumentCategory
    menu_label = "Catégories"
    menu_icon = "list-ul"
    base_url_path = "bibliotheque/categories"
    list_display = ("name", "slug", "order")
    search_fields = ("name", "slug")
    ordering = ("order", "name")
    inspect_view_enabled = False
    form_class = CategoryForm
    panels = (FieldPanel("name"), FieldPanel("slug"), FieldPanel("order"))

    def get_prepopulated_fields(self, request: HttpRequest) -> dict[str, tuple[str, ...]]:
        """The code follows the name while it is typed."""
        return {"slug": ("name",)}


class LibraryGroup(ModelAdminGroup):
    menu_label = "Bibliothèque"
    menu_icon = "folder-open-inverse"
    menu_order = 310
    items = (DocumentAdmin, CategoryAdmin)
