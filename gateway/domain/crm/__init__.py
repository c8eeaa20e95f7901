"""The customer record: what documents add to it, and what follows from it."""

from gateway.domain.crm.activities import ACTIVITIES, activity, measures, ratio

__all__ = ["ACTIVITIES", "activity", "measures", "ratio"]
