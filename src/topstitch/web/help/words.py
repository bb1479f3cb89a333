"""What the help says: the product's words, its places, its statuses, and its guides."""

from __future__ import annotations

WORDS = (
    ("System", "A product that records come from or go to: a shop, a warehouse, an ERP."),
    ("Connector", "One company group’s credentials for one system in one environment: live, test or practice."),
    ("Entity", "One kind of record: orders, products, stock."),
    ("Service", "Takes one entity from one system to another, filtered and mapped, on a schedule."),
    ("Mapping", "Which field of the destination is made of which fields of the source, and by which functions."),
    ("Revision", "One version of a service’s configuration. It is never changed; a run uses the one it began with."),
    ("Run", "One execution of a service. Its sync id names it."),
    ("Item", "One record as its service remembers it, so that nothing is sent twice."),
    ("Attempt", "One try to sync an item: one row of the sync report."),
    ("Cause", "What failures have in common: the error desk shows them together."),
    ("Lookup table", "Pairs of values that mappings translate by."),
    ("Script", "Python in a sandbox, for what functions do not reach."),
    ("Dry run", "A run that shows what it would do, and sends nothing."),
    ("Company group", "A brand, country or subsidiary: its own connectors, services and maps."),
)
PLACES = {
    "home": "What needs somebody now, what runs next, how much goes through.",
    "services": "What moves where, and when; each with its mapping, schedule and runs.",
    "connectors": "Credentials and how they are; add one, test it, change its secrets.",
    "reports": "Every record and every try: find one, see why it failed, sync it again.",
    "errors": "Failures by cause: what to do, who has it, resolve or ignore.",
    "catalogue": "Every system with its entities, fields and limits.",
    "lookups": "Pairs of values; shipment and payment maps of groups.",
    "scripts": "Custom scripts, their versions, a box to try them.",
    "settings": "Company, groups, people, API keys, audit log, your account.",
}
STATUSES = (
    ("ok", "The destination has it, and said so."),
    ("sent", "It was handed over to a destination that does not say more."),
    ("pending", "It waits, and is tried again by itself."),
    ("failed", "It did not go through; the report says why and what to do."),
    ("uncertain", "It was sent and the answer was lost: it is looked up, or a person decides."),
    ("unchanged", "It is as it was when it went last, so it was not sent."),
    ("skipped", "It was done before, and the service sends each record once."),
)
#: Name of the file in docs/guide, title, and what it is about.
GUIDES = (
    ("connectors", "Connectors", "environments, the test, credentials, signing in at a vendor"),
    ("triggers", "Filters and triggers", "which records, and when: schedules, webhooks"),
    ("mapping", "Mapping", "rows, functions, lists, conditions"),
    ("recipes", "Recipes", "whole mappings with their records and results"),
    ("paths", "Paths", "how fields are written, also metafields"),
    ("preview", "Trying a mapping", "before it runs"),
    ("lookups", "Lookup tables", "matching, CSV, versions, maps"),
    ("scripts", "Custom scripts", "what they are given, what there is, limits"),
    ("runs", "Runs", "what a run promises, what is tried again and when"),
    ("errors", "Failed records", "finding and mending them"),
    ("alerts", "Alerts", "who is told of what, and how"),
    ("people", "People and roles", "who may do what"),
    ("configuration", "Configuration as code", "everything in files"),
    ("operating", "Operating it", "settings, backups, updates, several workers"),
    ("add-a-system", "Adding a system", "one of your own"),
)
#: The same for docs/reference.
REFERENCE = (
    ("functions", "Functions", "every transform function, with examples"),
    ("commands", "Commands", "of the command line"),
    ("coverage", "Default mappings", "what they fill between any two systems"),
)
