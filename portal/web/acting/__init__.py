"""An agent in a family's space: the banner, the way out, the portal at another date."""
