"""Addresses of the lookup tables."""

from __future__ import annotations

from django.urls import path

from topstitch.web.lookups import editing, files, history, maps, views

urlpatterns = [
    path("", views.lookups, name="lookups"),
    path("new", views.add, name="lookup_add"),
    path("maps", maps.maps, name="lookup_maps"),
    path("maps/<int:group_id>/<str:which>", maps.map_of_group, name="lookup_map"),
    path("<int:table_id>", views.table, name="lookup"),
    path("<int:table_id>/edit", editing.edit, name="lookup_edit"),
    path("<int:table_id>/add", editing.add_pair, name="lookup_add_pair"),
    path("<int:table_id>/remove", views.remove, name="lookup_remove"),
    path("<int:table_id>/versions", history.versions, name="lookup_versions"),
    path("<int:table_id>/versions/<int:number>", history.version, name="lookup_version"),
    path("<int:table_id>/versions/<int:number>/restore", history.restore, name="lookup_restore"),
    path("<int:table_id>/export.csv", files.export, name="lookup_export"),
    path("<int:table_id>/import", files.upload, name="lookup_import"),
    path("<int:table_id>/import/preview", files.preview, name="lookup_preview"),
    path("<int:table_id>/import/forget", files.forget, name="lookup_forget"),
]
