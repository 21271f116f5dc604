"""The operations of the API, one module a subject. Each route has an ``operation_id``, which ``matrix.yaml`` gives to roles."""
