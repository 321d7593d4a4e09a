"""Tests of pages visit a small site."""

from tests.web.site import anna, quiet, settings, site, visitor, world

__all__ = ["anna", "quiet", "settings", "site", "visitor", "world"]
