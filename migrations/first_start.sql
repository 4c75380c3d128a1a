-- Run once by the PostgreSQL container on an empty volume, after roles.sql: passwords from the environment, the
-- database and who may enter it. The backup and audit roles cannot sign in until somebody gives them a password.
\getenv owner_password BRAID_OWNER_PASSWORD
\getenv app_password BRAID_APP_PASSWORD
\getenv worker_password BRAID_WORKER_PASSWORD
ALTER ROLE braid_owner PASSWORD :'owner_password';
ALTER ROLE braid_app PASSWORD :'app_password';
ALTER ROLE braid_worker PASSWORD :'worker_password';
CREATE DATABASE braid OWNER braid_owner;
\connect braid
\i /braid/database.sql
