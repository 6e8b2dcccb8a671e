"""/theme.css, and in the demo the living page of the components."""

from django.conf import settings
from django.urls import URLPattern, path

from portal.web.design import living, theme

app_name = "design"

urlpatterns: list[URLPattern] = [path("theme.css", theme.theme, name="theme")]

if settings.DEMO or settings.DEBUG:
    urlpatterns += [
        path("demo/composants/", living.components, name="components"),
        path("demo/composants/erreurs/<str:code>/", living.error_page, name="error_page"),
    ]
