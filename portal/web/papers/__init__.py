"""Supporting documents as the family sends and follows them."""
