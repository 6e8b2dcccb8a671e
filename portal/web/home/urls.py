from django.urls import path

from portal.web.home import views

app_name = "home"

urlpatterns = [
    path("", views.index, name="index"),
    path("verifications/", views.first_look_answer, name="first_look"),
]
