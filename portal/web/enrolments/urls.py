from django.urls import path

from portal.web.enrolments import following, together, views

app_name = "enrolments"

urlpatterns = [
    path("", views.index, name="index"),
    path("nouvelle/", together.start, name="start"),
    path("nouvelle/fait/", together.done, name="done"),
    path("ensemble/", together.together, name="together"),
    path("nouvelle/<int:child_id>/", views.choose, name="choose"),
    path("nouvelle/<int:child_id>/<slug:code>/", views.enrol, name="enrol"),
    path("<int:enrolment_id>/", views.detail, name="detail"),
    path("<int:enrolment_id>/supprimer/", following.remove, name="remove"),
    path("<int:enrolment_id>/repondre/", following.answer, name="answer"),
    path("<int:enrolment_id>/confirmation/", following.confirmation, name="confirmation"),
]
