from django.urls import path

from portal.web.custody import views

app_name = "custody"

urlpatterns = [
    path("<int:child_id>/", views.detail, name="detail"),
    path("<int:child_id>/annee/", views.year, name="year"),
    path("<int:child_id>/proposer/", views.propose, name="propose"),
    path("<int:child_id>/repondre/", views.answer, name="answer"),
    path("<int:child_id>/retirer/", views.withdraw, name="withdraw"),
    path("<int:child_id>/exceptions/", views.note_days, name="note_days"),
    path("<int:child_id>/exceptions/<int:exception_id>/retirer/", views.take_back, name="take_back"),
    path("<int:child_id>/jugement/", views.judgement, name="judgement"),
]
