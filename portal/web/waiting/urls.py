from django.urls import path

from portal.web.waiting import asking, giving, views

app_name = "waiting"

urlpatterns = [
    path("", views.index, name="index"),
    path("demander/", asking.join, name="join"),
    path("demandes/<uuid:key>/", views.entry, name="entry"),
    path("places/<uuid:key>/", views.offer, name="offer"),
    path("donner/<str:code>/", giving.give, name="give"),
    path("donnees/<uuid:key>/", giving.gift, name="gift"),
]
