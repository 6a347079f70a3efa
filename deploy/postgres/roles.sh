#!/bin/sh
# Runs once, when the PostgreSQL container makes its data: the same roles and rights as everywhere.
set -eu
QMS_OWNER_PASSWORD=$(cat /run/secrets/owner_password)
QMS_APP_PASSWORD=$(cat /run/secrets/app_password)
export QMS_OWNER_PASSWORD QMS_APP_PASSWORD
psql -X -q --username "$POSTGRES_USER" --dbname postgres -v database=qms -f /etc/plumbline/roles.sql
