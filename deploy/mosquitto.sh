#!/bin/sh
# Runs Mosquitto. Its password and access files are made of the platform's own lines and of those that the platform
# writes for the devices; when the latter change they are made anew, and Mosquitto reads them and cuts who may no longer.
set -eu
umask 077
conf=${1:-/mosquitto/config/mosquitto.conf}
platform=${PLATFORM_PASSWORDS:-/run/secrets/mqtt_passwords}
access=${BROKER_ACCESS_DIR:-/mosquitto/access}
run=${RUN_DIR:-/mosquitto/run}

stamp() { cat "$access/mosquitto.passwords" "$access/mosquitto.acl" 2>/dev/null | cksum; }

devices() { if [ -f "$access/$1" ]; then cat "$access/$1"; fi; }

passwords() { cat "$platform" && devices mosquitto.passwords; }

# the platform reads and writes everything
acl() {
  while IFS=: read -r user _; do printf 'user %s\ntopic readwrite #\n\n' "$user"; done <"$platform" && devices mosquitto.acl
}

build() {
  passwords >"$run/passwords.new" && acl >"$run/acl.new" &&
    mv "$run/acl.new" "$run/acl" && mv "$run/passwords.new" "$run/passwords"
}

known=$(stamp)
build

# $$ is this shell, which becomes Mosquitto below; once it is gone the loop ends too
while sleep 2 && kill -0 $$ 2>/dev/null; do
  now=$(stamp)
  if [ "$now" != "$known" ] && build; then
    known=$now
    kill -HUP $$
  fi
done &

exec mosquitto -c "$conf"
