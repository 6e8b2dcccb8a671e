from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "portal.domain.bookings"
    label = "bookings"
    verbose_name = "réservations"
    default_auto_field = "django.db.models.BigAutoField"
