from django.urls import path

from portal.web.procedures import views

app_name = "procedures"

urlpatterns = [
    path("", views.index, name="index"),
    path("<int:procedure_id>/", views.detail, name="detail"),
    path("<int:procedure_id>/accuse/", views.acknowledgement, name="acknowledgement"),
]
