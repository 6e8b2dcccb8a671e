from django.urls import path

from portal.web.procedures import views

app_name = "procedures"

urlpatterns = [path("", views.index, name="index")]
