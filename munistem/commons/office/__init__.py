"""The admin of the portal instead of Django's own."""

from django.contrib.admin.apps import AdminConfig


class OfficeConfig(AdminConfig):
    default_site = "munistem.commons.office.site.Office"
