from django.urls import path

from portal.web.waiting import views

app_name = "waiting"

urlpatterns = [
    path("", views.index, name="index"),
    path("demander/", views.join, name="join"),
    path("places/<uuid:key>/", views.offer, name="offer"),
    path("proposer/<str:code>/", views.give, name="give"),
]
