"""/langue/: the switch."""

from django.urls import path

from portal.web.language import views

app_name = "language"

urlpatterns = [path("langue/", views.choose, name="choose")]
