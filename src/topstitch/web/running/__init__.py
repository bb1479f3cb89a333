"""Running a service by hand, with filters and settings of this run alone."""
