"""Upbit spot: signing, wire shapes, REST verbs and streams."""
