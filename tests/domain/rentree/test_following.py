"""A preparation and its proofs follow a merge, are given as a file, and go with the dossier."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.merging.registry import Subject, followings
from portal.domain.privacy.registry import erasures, personal_data, retentions
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeLine, RentreeRecap
from portal.domain.rentree.services import Answer, save_rentree, validate_rentree
from tests.domain.rentree.scene import AT, YEAR, RentreeScene, rentree_scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]


def save(scene: RentreeScene, *answers: Answer) -> RentreeDraft:
    return save_rentree(family=scene.family, year=YEAR, answers=answers, by=scene.parent, at=AT)


def follow(subject: Subject, kept: Family | Child, duplicate: Family | Child, by: User) -> list[str]:
    """What the merge says it does, then does, for the rows of the rentrée."""
    mine = [each for each in followings(subject) if each.code.startswith("rentree.")]
    said = [line.what for each in mine for line in each.plan(kept.pk, duplicate.pk, AT)]
    for each in mine:
        each.follow(kept.pk, duplicate.pk, by, AT)
    return said


def test_the_preparation_of_a_duplicate_follows_unless_the_kept_dossier_has_its_own() -> None:
    kept, duplicate = rentree_scene(stems=("cantine",)), rentree_scene(stems=("garderie",))
    theirs = save(duplicate, duplicate.answer("garderie", 1))
    assert follow(Subject.FAMILY, kept.family, duplicate.family, kept.parent) == ["1\u00a0rentrée en préparation"]
    theirs.refresh_from_db()
    assert theirs.family == kept.family
    other = rentree_scene(stems=("judo",))
    save(other, other.answer("judo", 1))
    follow(Subject.FAMILY, kept.family, other.family, kept.parent)
    assert RentreeDraft.objects.get() == theirs


def test_of_two_answers_about_one_activity_that_of_the_kept_child_stays() -> None:
    scene = rentree_scene(children=2, stems=("cantine", "garderie"))
    save(scene, scene.answer("cantine", 1), scene.answer("cantine", 2, child=1), scene.answer("garderie", 4, child=1))
    kept, duplicate = scene.children
    follow(Subject.CHILD, kept, duplicate, scene.parent)
    answers = {each.activity.code: each.pattern for each in RentreeAnswer.objects.select_related("activity")}
    assert answers == {
        "cantine-2027": {str(scene.new["cantine"].pk): [1]},
        "garderie-2027": {str(scene.new["garderie"].pk): [4]},
    }
    assert not RentreeAnswer.objects.filter(child=duplicate).exists()


def test_a_recap_follows_the_child_and_the_dossier() -> None:
    scene, kept = rentree_scene(stems=("cantine",)), rentree_scene(stems=("garderie",))
    recap = validate_rentree(
        family=scene.family, year=YEAR, key=uuid4(), answers=[scene.answer("cantine", 1)], by=scene.parent, at=AT
    )
    follow(Subject.FAMILY, kept.family, scene.family, kept.parent)
    follow(Subject.CHILD, kept.child, scene.child, kept.parent)
    recap.refresh_from_db()
    assert (recap.family, recap.lines.get().child) == (kept.family, kept.child)


def test_it_is_given_as_a_file_and_erased_with_the_dossier() -> None:
    scene = rentree_scene(stems=("cantine", "garderie"))
    validate_rentree(
        family=scene.family,
        year=YEAR,
        key=uuid4(),
        answers=[scene.answer("cantine", 1), scene.answer("garderie", wanted=False)],
        by=scene.parent,
        at=AT,
    )
    (part,) = [each for each in personal_data() if each.code == "rentree"]
    sent, prepared = part.collect(scene.family.pk, scene.parent)
    assert (sent["activité"], sent["récapitulatif"]) == ("Cantine 2027/2028", "RE-2027-00001")
    assert (prepared["activité"], prepared["souhaitée"]) == ("Garderie 2027/2028", False)
    stranger = rentree_scene(stems=("judo",))
    assert list(part.collect(scene.family.pk, stranger.parent)) == []
    (erasure,) = [each for each in erasures() if each.code == "rentree"]
    assert [line.count for line in erasure.plan(scene.family.pk, AT)] == [1, 1]
    erasure.execute(scene.family.pk, scene.parent, AT)
    for model in (RentreeDraft, RentreeAnswer, RentreeRecap, RentreeLine):
        assert not model.objects.exists()


def test_a_preparation_that_nobody_sent_is_forgotten_by_itself() -> None:
    scene = rentree_scene()
    draft = save(scene, scene.answer("cantine", 1))
    (rule,) = [each for each in retentions() if each.code == "rentree_drafts"]
    assert rule.automatic
    assert rule.find(AT.date() - timedelta(days=1), 10) == []
    (expired,) = rule.find(AT.date(), 10)
    assert expired.key == draft.pk
    assert rule.erase([draft.pk], scene.parent, AT) == 1
