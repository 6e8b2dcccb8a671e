from django.urls import path

from portal.web.contacts import views

app_name = "contacts"

urlpatterns = [
    path("", views.index, name="index"),
    path("ajouter/", views.add, name="add"),
    path("<int:contact_id>/", views.edit, name="edit"),
    path("<int:link_id>/retirer/", views.end, name="end"),
    path("parente/<int:child_id>/", views.kinship, name="kinship"),
]
