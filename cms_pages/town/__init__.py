"""How the site runs: legal facts, social networks, maintenance, the way from draft to publication."""
