from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "cms_pages.surveys"
    label = "surveys"
    verbose_name = "formulaires"
    default_auto_field = "django.db.models.BigAutoField"
