"""The runner: what the store lacks is trained, in this process or in workers.

It may import `training` and all that stands below it, and nothing that reads results.
"""
