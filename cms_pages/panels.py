"""What the screens of the administration show beside a field."""

from typing import Any

from wagtail.admin.panels import Panel

from portal.web.design.colour import NotAColour, palette, readings, validate_brand_colour


class ColourPanel(Panel):
    """The scale drawn from the saved colour, and what the agent should know about it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "backoffice/panels/colour.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            try:
                context["palette"] = palette(self.instance.brand)
                context["readings"] = readings(self.instance.brand)
                context["warnings"] = validate_brand_colour(self.instance.brand)
            except NotAColour:
                context["palette"], context["readings"], context["warnings"] = None, (), []
            return context
