"""OpenTelemetry's API as far as FineCode uses it: without an SDK a span is whatever its parent is."""
