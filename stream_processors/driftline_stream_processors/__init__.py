"""The Faust worker: from raw records to stored rows, drifts and alerts."""
