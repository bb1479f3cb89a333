"""A test's browser: its forms carry what the pages of the product put into every form."""

from __future__ import annotations

from django.http import HttpRequest
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from topstitch.accounts.models import User
from topstitch.web.scope import IN_COMPANY, place_of


class Browser(Client):
    """Forms are sent as the page that has just been opened draws them: for the company that the person is in."""

    def post(self, path, data=None, content_type=MULTIPART_CONTENT, **more):
        if content_type == MULTIPART_CONTENT and (data is None or IN_COMPANY not in data):
            data = {**(data or {}), **self._drawn()}
        return super().post(path, data, content_type, **more)

    def _drawn(self):
        page = HttpRequest()
        page.session = self.session
        page.user = User.objects.get(pk=page.session["_auth_user_id"])
        place = place_of(page)
        return {IN_COMPANY: str(place.company.pk)} if place else {}
