from django.urls import path

from portal.web.feeds import views

app_name = "feeds"

urlpatterns = [
    path("famille/agenda/", views.index, name="index"),
    path("famille/agenda/contenu/", views.contents, name="contents"),
    path("famille/agenda/renouveler/", views.renew, name="renew"),
    path("famille/agenda/revoquer/", views.revoke, name="revoke"),
    path("agenda/<str:secret>.ics", views.ics, name="ics"),
]
