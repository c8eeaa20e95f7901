"""When to order how much from whom: formulas, the planning run, and what becomes of its proposals."""
