"""A complete service that predicts, is watched by Driftline, and takes over what Driftline promotes."""
