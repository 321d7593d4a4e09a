"""The story of the product in a real browser, against everything that `make up` starts."""
