"""Addresses of the library's files. Its pages are Wagtail's (`DocumentsPage`), which comes after."""

from django.urls import path

from documents.library import media, views

app_name = "library"

urlpatterns = [
    path("documents/<slug:slug>/v<int:number>/<str:name>", views.file, name="file"),
    path("documents/<slug:slug>/derniere-version", views.latest, name="latest"),
    path("famille/documents/", views.family_documents, name="family"),
    path("media/images/<str:name>", media.picture, name="picture"),
]
