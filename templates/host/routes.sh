#!/bin/sh
# Routes into the tunnels of host {{host}}, made by meshctl: its own packets leave with its address inside.
#   routes.sh up                sets them; any number of times
#   routes.sh down [NET ...]    removes them, but for those named
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
verb=${1:-up}
[ $# -eq 0 ] || shift
keep=" $* "
failed=0

# route NET SOURCE PEER [INTERFACE]: the way to NET is the way to PEER.
route() {
  if [ "$verb" = down ]; then
    case $keep in *" $1 "*) return ;; esac
    ip route del "$1" src "$2" 2>/dev/null
    return
  fi
  net=$1 source=$2 device=${4:-} hop=
  way=$(ip -o route get "$3" 2>/dev/null) || way=
  [ -n "$device" ] || case $way in *' dev '*) device=${way#* dev } && device=${device%% *} ;; esac
  case $net/$3 in *:*/*:* | *.*/*.*) case $way in *' via '*) hop=${way#* via } && hop=${hop%% *} ;; esac ;; esac
  [ -n "$device" ] || {
    echo "no way to $3" >&2
    failed=1
    return
  }
  # shellcheck disable=SC2086 # two words or none
  ip route replace "$net" ${hop:+via $hop} dev "$device" src "$source" || failed=1
}

{{#each routes}}
route {{net}} {{source}} {{peer}}{{#if has_interface}} {{interface}}{{/if}}
{{/each}}
exit $failed
