"""What is wrong with a model: findings, in words and figures, once or while it trains.

It may import `inspection` and what stands below it.
"""
