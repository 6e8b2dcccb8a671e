from django.urls import path

from news import views

app_name = "news"

urlpatterns = [
    path("", views.family, name="family"),
    path("lues/", views.read_all, name="read_all"),
]
