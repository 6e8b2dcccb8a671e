from django.urls import path

from portal.web.yearly import views

app_name = "yearly"

urlpatterns = [
    path("", views.index, name="index"),
    path("situation/", views.branch, name="branch"),
    path("certification/", views.certify, name="certify"),
]
