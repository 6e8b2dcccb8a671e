"""What the town does, without HTTP, templates or admin: one package per business noun, imports go one way down."""
