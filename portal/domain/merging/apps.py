from django.apps import AppConfig


class MergingConfig(AppConfig):
    name = "portal.domain.merging"
    label = "merging"
    verbose_name = "doublons et archives"

    def ready(self) -> None:
        """The packages below cannot register by themselves: families, erasures and copies."""
        from portal.domain.merging import below, people

        people.connect()
        below.connect()
