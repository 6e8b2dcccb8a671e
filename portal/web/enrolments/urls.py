from django.urls import path

from portal.web.enrolments import views

app_name = "enrolments"

urlpatterns = [
    path("", views.index, name="index"),
    path("nouvelle/<int:child_id>/", views.choose, name="choose"),
    path("nouvelle/<int:child_id>/<slug:code>/", views.enrol, name="enrol"),
    path("<int:enrolment_id>/", views.detail, name="detail"),
]
