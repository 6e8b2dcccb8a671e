"""The public library: documents by category, for an audience, with every version kept."""
