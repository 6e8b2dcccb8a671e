"""Addresses of the bus: `/famille/bus/` for families, `/bus/` for everybody."""

from django.urls import path

from portal.web.transport import sheets, views

app_name = "transport"

urlpatterns = [
    path("famille/bus/", views.index, name="index"),
    path("famille/bus/<int:enrolment>/<slug:line>/", views.usual, name="usual"),
    path("famille/bus/<int:enrolment>/<slug:line>/<str:day>/", views.day, name="day"),
    path("bus/", sheets.index, name="lines"),
    path("bus/<slug:code>.pdf", sheets.sheet, name="sheet"),
]
