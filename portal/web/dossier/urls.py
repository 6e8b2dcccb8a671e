from django.urls import path

from portal.domain.changes.enums import Rubric
from portal.web.dossier import editing, household, photos, views

app_name = "dossier"

urlpatterns = [
    path("", views.index, name="index"),
    path("choisir/", household.choose, name="choose"),
    path("partage/", household.share, name="share"),
    path("communes/", editing.towns, name="towns"),
    path("changements/<int:change_id>/", views.change, name="change"),
    path("changements/<int:change_id>/retirer/", views.withdraw, name="withdraw"),
    path("ajouter/enfant/", editing.add_person, {"rubric": Rubric.NEW_CHILD}, name="add_child"),
    path("ajouter/adulte/", editing.add_person, {"rubric": Rubric.NEW_ADULT}, name="add_adult"),
    path("adresse/", editing.edit_family, {"rubric": Rubric.ADDRESS}, name="edit_address"),
    path("foyer/", editing.edit_family, {"rubric": Rubric.HOUSEHOLD}, name="edit_household"),
    path("adulte/<int:adult_id>/", views.adult, name="adult"),
    path("adulte/<int:adult_id>/droits/", household.rights, name="rights"),
    path("adulte/<int:adult_id>/photo/", photos.edit_adult, name="adult_photo"),
    path("adulte/<int:adult_id>/photo/image/", photos.show_adult, name="adult_picture"),
    path("adulte/<int:adult_id>/<slug:rubric>/", editing.edit_adult, name="edit_adult"),
    path("enfant/<int:child_id>/", views.child, name="child"),
    path("enfant/<int:child_id>/photo/", photos.edit_child, name="child_photo"),
    path("enfant/<int:child_id>/photo/image/", photos.show_child, name="child_picture"),
    path("enfant/<int:child_id>/<slug:rubric>/", editing.edit_child, name="edit_child"),
]
