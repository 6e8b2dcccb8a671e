from django.urls import path

from portal.web.planning import paper, views

app_name = "planning"

urlpatterns = [
    path("", views.index, name="index"),
    path("imprimer/", paper.month_pdf, name="paper"),
    path("cocher/", views.tick, name="tick"),
    path("garder/", views.keep, name="keep"),
    path("pourquoi/<str:code>/", views.why, name="why"),
]
