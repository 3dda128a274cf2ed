"""OpenTelemetry's API as far as FineCode uses it: no SDK, so a span is whatever its parent is."""
