#!/bin/sh
# Starts charon of host {{host}} at boot and gives it its connections, made by meshctl. One that runs is not started again.
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
{{#if has_firewall}}
{{folder}}/firewall.{{firewall}} up
{{/if}}
answers() { timeout 20 swanctl --stats >/dev/null 2>&1; }
start() {
  if [ -d /run/systemd/system ]; then
    for unit in strongswan strongswan-starter ipsec; do
      timeout 120 systemctl start "$unit.service" 2>/dev/null && return
    done
  fi
  for charon in /usr/lib/ipsec/charon /usr/libexec/ipsec/charon /usr/lib/strongswan/charon /usr/libexec/strongswan/charon; do
    [ ! -x "$charon" ] || { setsid "$charon" </dev/null >/dev/null 2>&1 & return; }
  done
  echo "meshctl: charon is not installed" >&2
  exit 1
}
answers || start
tries=0
until answers; do
  tries=$((tries + 1))
  [ "$tries" -le 60 ] || { echo "meshctl: charon does not answer" >&2 && exit 1; }
  sleep 1
done
timeout 60 swanctl --load-creds --noprompt && timeout 60 swanctl --load-conns
