-- Who may enter this database and its one schema. Run in it by somebody who may, after roles.sql; safe to run again.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format(
    'GRANT CONNECT ON DATABASE %I TO braid_app, braid_worker, braid_backup, braid_audit_reader', current_database()
  );
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO braid_app, braid_worker, braid_backup, braid_audit_reader;
