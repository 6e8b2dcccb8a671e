app_name = "basket"

urlpatterns = []
