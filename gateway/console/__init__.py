"""The pages operations and admins work in."""
