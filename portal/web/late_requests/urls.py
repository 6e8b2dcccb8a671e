from django.urls import path

from portal.web.late_requests import asking, views

app_name = "late_requests"

urlpatterns = [
    path("demander/<str:code>/", asking.ask, name="ask"),
    path("<uuid:key>/", views.detail, name="detail"),
]
