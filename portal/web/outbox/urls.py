"""/demo/courriels/, where `settings.DEMO` is true: in production these addresses do not exist."""

from django.conf import settings
from django.urls import URLPattern, path

from portal.web.outbox import views

app_name = "outbox"

urlpatterns: list[URLPattern] = []

if settings.DEMO:
    urlpatterns += [
        path("demo/courriels/", views.index, name="index"),
        path("demo/courriels/<int:number>/", views.detail, name="detail"),
        path("demo/courriels/<int:number>/forme/", views.shaped, name="shaped"),
    ]
