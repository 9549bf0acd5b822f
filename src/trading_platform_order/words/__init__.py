"""The one catalogue of what operators read, in every language it is read in.

Each module holds the texts of one part of the system. It imports nothing of ours, so that every
layer may use it.
"""
