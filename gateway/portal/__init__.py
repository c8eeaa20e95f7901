"""The partners' portal: what a partner's own people see and do. Pages, no rules of trade, no SQL."""
