from django.urls import path

from portal.web.papers import views

app_name = "papers"

urlpatterns = [
    path("", views.index, name="index"),
    path("fichiers/<uuid:key>/<int:file_id>/", views.download, name="file"),
    path("fichiers/<uuid:key>/<int:file_id>/page-<int:page>.png", views.preview, name="preview"),
    path("<slug:code>/", views.family_paper, name="family_paper"),
    path("<slug:code>/<int:child_id>/", views.child_paper, name="child_paper"),
]
