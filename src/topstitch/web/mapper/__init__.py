"""The mapper: a service's mapping beside a real record, edited row by row."""
