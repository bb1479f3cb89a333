"""What a service is called, its notes, its revisions, its configuration as JSON, and its end."""
