-- What the server's role may do: read, append, and move the head of the log. Run as the owner of the database, after every upgrade.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO rsp_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO rsp_app;
REVOKE INSERT ON alembic_version FROM rsp_app;
GRANT UPDATE ON log_head TO rsp_app;
