"""What a person sees of a service that was removed."""

from __future__ import annotations

from django.urls import reverse
from tests.web.pages import checked, text_of

from topstitch.store.actions.removal import remove_service


def test_links_of_its_report_lead_to_a_page_that_says_so(world, client):
    service = world.service("Old orders")
    world.attempt(world.run(service), "7")
    remove_service(service, typed="Old orders")
    page = client.get(reverse("service", args=[service.pk]))
    assert page.status_code == 410
    checked(page)
    assert "Old orders This service was removed" in text_of(page)
    assert f'href="/reports/?service={service.pk}"' in page.content.decode()
    assert "#7" in text_of(client.get(f"/reports/?service={service.pk}"))
    assert "Old orders" not in text_of(client.get("/services/"))
    assert client.get(reverse("service_settings", args=[service.pk])).status_code == 404
    assert world.client(world.sam).get(reverse("service", args=[service.pk])).status_code == 404


def test_its_runs_can_still_be_read(world, client):
    service = world.service("Old orders")
    run = world.run(service)
    remove_service(service, typed="Old orders")
    assert client.get(reverse("run", args=[run.pk])).status_code == 200
