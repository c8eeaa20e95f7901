"""Key figures of trade, one place for all parts: formulas over what documents said, with these behind each figure."""
