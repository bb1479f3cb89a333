"""A small Odoo in memory, for the practice server: models, searches, constraints and the business methods connectors call."""
