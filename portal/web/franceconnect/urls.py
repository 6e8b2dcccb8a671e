from django.urls import path

from portal.web.franceconnect import views

app_name = "franceconnect"

urlpatterns = [
    path("", views.index, name="index"),
    path("connexion/", views.start, name="start"),
    path("retour/", views.callback, name="callback"),
    path("premiere-fois/", views.first, name="first"),
    path("relier/", views.confirm, name="confirm"),
    path("deconnexion/", views.signed_out, name="signed_out"),
]
