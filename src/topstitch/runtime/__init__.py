"""What runs the engine: workers, schedules, recovery, and the database that everything is kept in."""
