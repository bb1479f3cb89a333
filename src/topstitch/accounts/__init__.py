"""People, companies they belong to, roles."""
