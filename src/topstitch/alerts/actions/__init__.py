"""What people change: groups, rules, days of expiry. Each writes its audit event."""
