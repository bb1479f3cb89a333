"""Who is told of what, and when: notification groups, alerts of services, dead-man alerts, health checks of connectors.

What happens is noticed by `noticing`, told by `telling`. Between them lies the outbox: notices and their deliveries, written
in one transaction with what was noticed, so that a notice is neither lost nor made twice.
"""
