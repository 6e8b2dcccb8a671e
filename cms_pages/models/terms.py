"""The next version of the terms of use, while it is being written."""

from django.db import models


class TermsDraft(models.Model):
    """The text that is prepared: one for the town. Publishing it makes a `TermsVersion`, which never changes."""

    title = models.CharField("titre", max_length=200)
    body = models.TextField(
        "texte",
        help_text="« ## Titre » ouvre un article, « - » une liste, deux étoiles autour d’un mot le font ressortir, "
        "[mots](adresse) font un lien. Une ligne vide sépare deux paragraphes.",
    )
    updated_at = models.DateTimeField("modifié le")
    single = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        verbose_name = "projet de conditions générales"
        verbose_name_plural = "projets de conditions générales"
        permissions = [("publish_terms", "Peut publier une version des conditions générales")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(single=True),
                name="terms_draft_single",
                violation_error_message="Un projet est déjà en cours : reprenez-le.",
            )
        ]

    def __str__(self) -> str:
        return self.title
