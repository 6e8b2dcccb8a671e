"""Addresses that Wagtail's pages do not have: for search engines."""

from django.urls import path

from cms_pages import seo

app_name = "cms_pages"

urlpatterns = [
    path("robots.txt", seo.robots, name="robots"),
    path("sitemap.xml", seo.sitemap, name="sitemap"),
]
