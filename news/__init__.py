"""Actualités."""
