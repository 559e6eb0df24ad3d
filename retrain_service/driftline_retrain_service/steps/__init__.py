"""The steps of a retrain, one per file: recall, wait, train, shadow, promote, and watch what was promoted.

Each step goes on from what `run.json` says, may be cut off anywhere, and is then taken again.
"""
