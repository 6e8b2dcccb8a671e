"""Health checks for whoever watches the portal: is it alive, is it ready to serve."""
