from django.urls import path

from portal.web.planning import views

app_name = "planning"

urlpatterns = [
    path("", views.index, name="index"),
    path("cocher/", views.tick, name="tick"),
    path("garder/", views.keep, name="keep"),
    path("pourquoi/<str:code>/", views.why, name="why"),
]
