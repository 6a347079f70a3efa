-- The database, its owner and the application's role; run by psql as superuser, as often as one likes.
-- The owner migrates; the application reads and writes rows and can define nothing, so it cannot loosen the trail.
\set ON_ERROR_STOP on
\set QUIET on
\getenv owner_password QMS_OWNER_PASSWORD
\getenv app_password QMS_APP_PASSWORD
\if :{?database} \else \set database qms \endif

set client_min_messages = warning;
select format('create role %I login', role) from (values ('qms_owner'), ('qms_app')) wanted(role)
 where not exists (select from pg_roles where rolname = role) \gexec
alter role qms_owner with login nosuperuser nocreaterole noreplication password :'owner_password';
alter role qms_app with login nosuperuser nocreatedb nocreaterole noreplication password :'app_password';
-- a record's page joins a dozen small tables by key: the order written is right, and planning others cost 5 ms each time;
-- a page waits for one query at a time, so the other cores are left to other people's pages
alter role qms_app set join_collapse_limit = 4;
alter role qms_app set max_parallel_workers_per_gather = 0;

select format('create database %I owner qms_owner template template0', :'database')
 where not exists (select from pg_database where datname = :'database') \gexec
alter database :"database" owner to qms_owner;
revoke all on database :"database" from public;
revoke temporary on database :"database" from qms_app;
grant connect on database :"database" to qms_app;

\connect :"database"
set client_min_messages = warning;
alter schema public owner to qms_owner;
revoke create on schema public from public;
grant usage on schema public to qms_app;
alter default privileges for role qms_owner in schema public grant select, insert, update, delete on tables to qms_app;
alter default privileges for role qms_owner in schema public grant usage, select on sequences to qms_app;
