-- The roles of a Braid database. Run once by somebody who may create roles; safe to run again.
-- owner migrates, app and worker serve and own nothing, backup dumps, audit_reader reads the log.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['braid_owner', 'braid_app', 'braid_worker', 'braid_backup', 'braid_audit_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', name);
    END IF;
  END LOOP;
END
$$;
-- pg_dump refuses to read past row-level security, and a dump without every service is not a backup.
ALTER ROLE braid_backup BYPASSRLS;
GRANT pg_read_all_data TO braid_backup;
