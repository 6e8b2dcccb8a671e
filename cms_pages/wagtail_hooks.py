"""What the public pages add to the administration: the screens of the terms of use."""

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms_pages import terms_views


class TermsMenuItem(MenuItem):
    """Shown to whoever may write them."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(terms_views.WRITE))


@hooks.register("register_admin_urls")
def terms_urls() -> list[URLPattern]:
    """Under `/gestion/conditions/`."""
    return [
        path("conditions/", terms_views.index, name="terms_index"),
        path("conditions/projet/", terms_views.edit, name="terms_edit"),
        path("conditions/apercu/", terms_views.preview, name="terms_preview"),
        path("conditions/publier/", terms_views.publish, name="terms_publish"),
        path("conditions/<int:number>/retirer/", terms_views.withdraw, name="terms_withdraw"),
    ]


@hooks.register("register_admin_menu_item")
def terms_menu() -> MenuItem:
    """Beside the pages."""
    return TermsMenuItem("Conditions générales", reverse("terms_index"), name="terms", icon_name="doc-full", order=350)
