"""What stands around every page: sessions, forms, refusals, headers, throttling."""
