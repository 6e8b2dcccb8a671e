"""My data as a file, and asking for erasure."""
