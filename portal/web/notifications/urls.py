from django.urls import path

from portal.web.notifications import views

app_name = "notifications"

urlpatterns = [
    path("", views.index, name="index"),
    path("lues/", views.read_all, name="read_all"),
    path("preferences/", views.preferences, name="preferences"),
    path("<int:notice_id>/", views.open_one, name="open"),
]
