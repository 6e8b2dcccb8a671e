"""Where the simulator stands: its landmark, its entry in the public menu, its section in profiles."""

from django.utils.translation import gettext_lazy as _

from cms_pages.tools import Tool, register_tool
from tariffs_simulator.models import SimulatorPage

LANDMARK = "simulator"


def connect() -> None:
    """Register the page. Called once, at start-up."""
    register_tool(
        Tool(
            key=LANDMARK,
            model=SimulatorPage,
            label=_("Simulateur"),
            icon="calc",
            order=50,
            help="Le simulateur public des tarifs.",
        )
    )
