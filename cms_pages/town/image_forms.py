"""Images of the library come with the text read to those who do not see them."""

from typing import Any

from wagtail.images.forms import BaseImageForm


class DescribedImageForm(BaseImageForm):
    """A description is asked wherever an image is added or changed: library, chooser, many at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "description" not in self.fields:
            return
        asked = self.fields["description"]
        asked.required = True
        asked.help_text = (
            "Ce que l’on voit et pourquoi c’est là, en une phrase : elle est lue à qui ne voit pas l’image. "
            "Si l’image ne fait que décorer une page, vous le direz dans la page."
        )
        asked.error_messages["required"] = (
            "Décrivez l’image en une phrase : sans elle, les personnes aveugles ne savent pas ce que montre la page."
        )
