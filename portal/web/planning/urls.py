from django.urls import path

from portal.web.planning import paper, views, weekly

app_name = "planning"

urlpatterns = [
    path("", views.index, name="index"),
    path("imprimer/", paper.month_pdf, name="paper"),
    path("cocher/", views.tick, name="tick"),
    path("garder/", views.keep, name="keep"),
    path("semaine/", weekly.weeks, name="weeks"),
    path("semaine/<int:enrolment_id>/", weekly.week, name="week"),
    path("pourquoi/<str:code>/", views.why, name="why"),
]
