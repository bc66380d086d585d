"""What the benchmark scripts share. Imports nothing outside the standard library: it runs in every contestant."""
