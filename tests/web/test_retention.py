"""What is kept, and for how long."""

from __future__ import annotations

from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role


def test_everybody_of_the_company_reads_how_long_things_are_kept(world, settings):
    settings.KEEP_REPORT_DAYS, settings.KEEP_LOG_DAYS, settings.KEEP_PAYLOAD_DAYS = 45, 1, 3
    uma = world.client(world.person("uma@example.com", world.company, Role.READ_ONLY))
    response = uma.get("/settings/kept")
    checked(response)
    text = text_of(response)
    assert "failed and why. 45 days whoever runs the server TOPSTITCH_KEEP_REPORT_DAYS" in text
    assert "Logs Every line that runs wrote. 1 day whoever" in text
    assert "without pulling. 3 days whoever runs the server TOPSTITCH_KEEP_PAYLOAD_DAYS" in text
    assert "Which alerts went to whom. 90 days" in text
    assert "so that none is sent twice. for ever" in text
    assert 'href="/settings/kept" aria-current="page"' in response.content.decode()


def test_the_page_takes_few_questions(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get("/settings/kept")
