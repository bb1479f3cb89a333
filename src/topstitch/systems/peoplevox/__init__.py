"""Descartes Peoplevox: CSV in and out of a warehouse management system, carried by SOAP."""
