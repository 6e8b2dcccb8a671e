from django.urls import path

from portal.web.health_sheet import documents, views

app_name = "health_sheet"

urlpatterns = [
    path("<int:child_id>/", views.detail, name="detail"),
    path("<int:child_id>/remplir/<slug:section>/", views.fill, name="fill"),
    path("<int:child_id>/certifier/", views.certify, name="certify"),
    path("<int:child_id>/confirmer/", views.confirm, name="confirm"),
    path("<int:child_id>/vaccins/", views.vaccines, name="vaccines"),
    path("<int:child_id>/medecin/", views.doctor_for_all, name="copy_doctor"),
    path("<int:child_id>/documents/<slug:kind>/", documents.send, name="send"),
    path("<int:child_id>/retirer/<int:document_id>/", documents.remove, name="remove"),
    path("<int:child_id>/page/<int:page_id>/", documents.page, name="page"),
]
