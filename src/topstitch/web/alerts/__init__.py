"""Who is told when something goes wrong: the alerts of a service, notification groups, and what was told."""
