from django.urls import path

from portal.web.consents import views

app_name = "consents"

urlpatterns = [
    path("", views.index, name="index"),
    path("<int:child_id>/", views.child, name="child"),
]
