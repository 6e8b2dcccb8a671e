from django.urls import path, re_path

from documents.menus import views

app_name = "menus"

urlpatterns = [
    path("menus/schema.json", views.schema, name="schema"),
    path("menus/<slug:site>.ics", views.menus_ics, name="ics"),
    path("menus/<slug:site>.json", views.menus_json, name="json"),
    path("menus/<slug:site>.csv", views.menus_csv, name="csv"),
    path("menus/<slug:site>/scdl.csv", views.menus_scdl, name="scdl"),
    re_path(r"^menus/(?P<site>[-\w]+)/(?P<week>\d{4}-S\d{2})\.pdf$", views.week_pdf, name="week_pdf"),
    path("menus/<slug:site>/<int:year>-<int:month>.pdf", views.month_pdf, name="month_pdf"),
    path("calendriers/<slug:name>.ics", views.calendar_ics, name="calendar_ics"),
    path("calendriers/<slug:name>.json", views.calendar_json, name="calendar_json"),
]
