from django.urls import path

from cms_pages.surveys import views

app_name = "surveys"

urlpatterns = [
    path("", views.index, name="index"),
    path("<str:number>/", views.answer, name="answer"),
]
