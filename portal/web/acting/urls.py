from django.urls import path

from portal.web.acting import views

app_name = "acting"

urlpatterns = [path("terminer/", views.stop, name="stop")]
