"""Waterland Techniek: a company that does not exist, to see the product at work."""
