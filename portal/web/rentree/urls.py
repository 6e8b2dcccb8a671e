from django.urls import path

from portal.web.rentree import views

app_name = "rentree"

urlpatterns = [
    path("", views.index, name="index"),
    path("estimation/", views.estimation, name="estimation"),
    path("recommencer/", views.restart, name="restart"),
    path("<str:number>/", views.recap, name="recap"),
    path("<str:number>/pdf/", views.document, name="document"),
]
