from django.urls import path

from portal.web.privacy import views

app_name = "privacy"

urlpatterns = [
    path("", views.index, name="index"),
    path("historique/", views.history, name="history"),
    path("copie/", views.export, name="export"),
    path("copie/<uuid:key>/", views.download, name="download"),
    path("effacement/", views.erasure, name="erasure"),
    path("fermer-mon-compte/", views.close, name="close"),
]
