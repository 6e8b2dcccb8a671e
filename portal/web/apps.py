"""The Django application that carries the family's door."""

from importlib import import_module

from django.apps import AppConfig

from portal.web import public_content
from portal.web.identity import register_family_header_provider

#: The areas that register with the others (see their `connections`).
AREAS = (
    "dossier",
    "contacts",
    "consents",
    "health_sheet",
    "custody",
    "quotient",
    "memberships",
    "enrolments",
    "papers",
    "absences",
    "waiting",
    "late_requests",
    "transport",
    "rentree",
    "notifications",
    "privacy",
    "franceconnect",
    "yearly",
    "acting",
    "procedures",
)


class WebConfig(AppConfig):
    """Holds the template tags and views of the door; it owns no model."""

    name = "portal.web"
    label = "web"
    verbose_name = "Portail des familles"

    def ready(self) -> None:
        """Tell the layout how to read who is signed in. Django imports applications before models: hence here."""
        from portal.domain.files.printing import register_printer
        from portal.web.accounts import sessions
        from portal.web.design.pdf import render_pdf
        from portal.web.home.header import family_header

        sessions.connect()
        for area in AREAS:
            import_module(f"portal.web.{area}.connections").connect()
        register_family_header_provider(family_header)
        register_printer(render_pdf)
        public_content.connect()
