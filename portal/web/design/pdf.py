"""A page of ours as a PDF: the receipt, a règlement, later the invoice. Reads no address but our own static files."""

from typing import Any

from django.template import loader

from portal.domain.language import in_french


def render_pdf(template_name: str, context: dict[str, Any]) -> bytes:
    """The PDF of a template that extends layout/pdf.html. It is kept and shown around: always in French."""
    return render_paged_pdf(template_name, context)[0]


@in_french()
def render_paged_pdf(template_name: str, context: dict[str, Any]) -> tuple[bytes, int]:
    """The same, with the number of its pages."""
    # Loaded by the first PDF of the process, not by every start.
    from portal.web.design.printer import print_page

    return print_page(loader.get_template(template_name).render(context))
