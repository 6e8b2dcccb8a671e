from django.urls import path

from cms_pages.search_views import search

app_name = "search"

urlpatterns = [path("", search, name="index")]
