"""The runner: trains the trials missing from the store, in this process or in workers.

It may import `training` and everything below it, but nothing that reads results.
"""
