from django.urls import path

from portal.web.quotient import fetch, views

app_name = "quotient"

urlpatterns = [
    path("", views.index, name="index"),
    path("declarer/", views.declare, name="declare"),
    path("estimer/", views.estimate, name="estimate"),
    path("recuperer/", fetch.fetch, name="fetch"),
    path("recuperer/franceconnect/", fetch.by_franceconnect, name="franceconnect"),
    path("recuperer/reponse/", fetch.fetched, name="fetched"),
    path("justificatif/<int:proof_id>/", views.proof, name="proof"),
]
