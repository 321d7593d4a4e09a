"""Sentences about the product, some of which attack; laid out like the rooms they speak about."""
