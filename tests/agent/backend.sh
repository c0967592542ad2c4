# shellcheck shell=sh
# The smallest back end that the agent can drive: its "kernel" is a file of policies, its "daemon" a copy of what it loaded.
# The policies of a generation are the lines of files/etc/tb/policy. Lines in the kernel that no generation names are foreign.
# A file $R/fail-STEP makes a step fail, $R/hang-STEP makes it hang; the latter then holds a word.

tb_hook() {
  [ ! -e "$R/hang-$1" ] || { echo hangs >"$R/hang-$1"; sleep 300; }
  [ ! -e "$R/fail-$1" ] || die activate "told to fail at $1"
}

tb_policies() { if [ -n "$1" ]; then cat "$1/files/etc/tb/policy"; fi; }

tb_store() { cat >"$R/.kernel" && mv "$R/.kernel" "$R/kernel"; }

be_facts() { echo "fact tb 1"; }

be_check() {
  if grep -q BAD "$1/files/etc/tb/daemon.conf"; then die check "daemon.conf is bad"; fi
}

be_protect() {
  tb_hook protect
  { cat "$R/kernel" && tb_policies "$2"; } | sort -u | tb_store
}

be_reload() {
  tb_hook reload
  cp "$R/etc/tb/daemon.conf" "$R/daemon" 2>/dev/null || rm -f "$R/daemon"
}

be_retire() {
  tb_hook retire
  if [ -n "$2" ]; then tb_policies "$2"; else mc_originals; fi >"$R/.keep"
  tb_policies "$1" | grep -vxFf "$R/.keep" >"$R/.stale"
  grep -vxFf "$R/.stale" "$R/kernel" | tb_store
}

be_verify() {
  tb_hook verify
  tb_policies "$1" | while read -r policy; do
    grep -qxF "$policy" "$R/kernel" || die activate "policy $policy is not in the kernel"
  done || exit 1
  cmp -s "$1/files/etc/tb/daemon.conf" "$R/daemon" || die activate "the daemon runs something else"
}

be_links() {
  while read -r peer local remote _; do echo "link $peer $local $remote up"; done
}

be_status() { echo "health ok $(wc -l <"$R/kernel") policies"; }

# Policies have no selectors here: one that is in the kernel before is what a new one of that name replaces.
be_replaced() {
  tb_policies "$2" >"$R/.keep"
  tb_policies "$1" | grep -vxFf "$R/.keep" >"$R/.brings"
  grep -xFf "$R/.brings" "$R/kernel"
}

be_daemon() {
  case $1 in
    runs) [ -e "$R/daemon" ] ;;
    start) [ -e "$R/daemon" ] || be_reload '' '' ;;
    stop) rm -f "$R/daemon" ;;
  esac
}

be_lacks() {
  tb_policies "$1" >"$R/.wanted"
  tb_left=$(grep -cvxFf "$R/kernel" "$R/.wanted")
  [ "$tb_left" = 0 ] || mc_say "lacks policies $tb_left"
  [ -e "$R/daemon" ] || mc_say "lacks daemon 1"
}

be_guarded() {
  tb_policies "$1" >"$R/.wanted"
  ! grep -vxFf "$R/kernel" "$R/.wanted" >/dev/null
}

be_boot() {
  tb_hook boot
  { cat "$R/kernel" && tb_policies "$1"; } | sort -u | tb_store
}
