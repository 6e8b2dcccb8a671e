from django.urls import path

from portal.web.basket import views

app_name = "basket"

urlpatterns = [
    path("", views.index, name="index"),
    path("effacer/", views.clear, name="clear"),
    path("recu/<slug:number>/", views.receipt, name="receipt"),
    path("recu/<slug:number>/pdf/", views.receipt_pdf, name="receipt_pdf"),
]
