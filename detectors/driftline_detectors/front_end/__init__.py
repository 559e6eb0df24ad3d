"""What stands before a detector: values become ranks in their own past, without season and autocorrelation."""
