"""Searches that found nothing: what the network asks for and the library does not tell yet. No person is kept.

A search is read by nobody before two people have made it, so that a name typed once stays with whoever typed it. To know
that they were two, one byte is kept that stands for one in some hundreds of people, and it is forgotten as soon as there
are two of them.
"""
