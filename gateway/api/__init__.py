"""REST over the services: routes, JSON, problems and OpenAPI, all read from the protos."""
