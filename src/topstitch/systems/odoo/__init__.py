"""Odoo 14 and later: sales, contacts, products, stock, deliveries, invoices, purchases and price lists over its ORM calls."""
