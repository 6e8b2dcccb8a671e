from django.urls import path

from portal.web.absences import declaring, views

app_name = "absences"

urlpatterns = [
    path("", views.index, name="index"),
    path("declarer/", declaring.declare, name="declare"),
    path("<uuid:key>/", views.detail, name="detail"),
    path("<uuid:key>/fichiers/<int:file_id>/", views.download, name="file"),
]
