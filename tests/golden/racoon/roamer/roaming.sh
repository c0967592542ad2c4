#!/bin/sh
# Policies of host roamer, made by meshctl, whose local end is the address that it has right now. To be run again whenever
# that changes.
#   roaming.sh up      loads them
#   roaming.sh down    removes them
#   roaming.sh show    prints them
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
last='' own='' failed=0
commands=$(
  while read -r peer line; do
    # One address for each peer: the one that packets to it leave from.
    if [ "$peer" != "$last" ]; then
      last=$peer
      own=$(ip -o route get "$peer" 2>/dev/null | sed -n 's/.* src \([0-9a-f.:]*\).*/\1/p')
      [ -n "$own" ] || echo "meshctl: no way to $peer" >&2
    fi
    [ -z "$own" ] || printf '%s\n' "$line" | sed "s/LOCAL/$own/g"
  done <<'END'
203.0.113.1 spdupdate 10.9.0.9 10.1.0.0/16 any -P out prio high + 200049665 ipsec esp/tunnel/LOCAL-203.0.113.1/require;
203.0.113.1 spdupdate 10.1.0.0/16 10.9.0.9 any -P in prio high + 200049665 ipsec esp/tunnel/203.0.113.1-LOCAL/require;
END
)
[ "${1:-up}" != show ] || { printf '%s\n' "$commands" && exit; }
[ "${1:-up}" = up ] || commands=$(printf '%s\n' "$commands" | sed 's/^spdupdate \(.* -P [a-z]*\) .*/spddelete \1;/')
[ -n "$commands" ] || exit 1
said=$(printf '%s\n' "$commands" | setkey -f - 2>&1) || failed=1
[ -z "$said" ] || [ "${1:-up}" != up ] || { printf '%s\n' "$said" >&2 && failed=1; }
exit $failed
