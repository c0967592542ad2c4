# A back end for tests: the kernel is a file. Switches in $R make it fail or lock the controller out.
# shellcheck shell=sh
be_facts() { echo "fact kernel file"; }
be_check() { [ ! -e "$R/fail-check" ] || die check "the file $R/fail-check is there"; }
be_protect() {
  [ ! -e "$R/lock-out" ] || [ -z "$2" ] || : >"$R/kernel.busy"
  [ -z "$2" ] || cat "$2/files/etc/testmesh/policies" >>"$R/kernel"
}
be_reload() {
  # Only on the way to the generation that is named there: the way back works.
  [ ! -e "$R/fail-activate" ] || [ "${2##*/}" != "$(cat "$R/fail-activate")" ] || die activate "the daemon refuses"
  if [ -e "$R/lock-out" ]; then
    if [ "${2##*/}" = "$(cat "$R/lock-out")" ]; then mv "$R/authorized" "$R/authorized.away"
    else mv "$R/authorized.away" "$R/authorized"; fi
  fi
}
be_retire() {
  [ ! -e "$R/fail-retire" ] || [ -n "$2" ] || die activate "the file $R/fail-retire is there"
  if [ -z "$2" ]; then rm -f "$R/kernel"
  else cat "$2/files/etc/testmesh/policies" >"$R/kernel.new" && mv "$R/kernel.new" "$R/kernel"; fi
}
be_verify() { cmp -s "$1/files/etc/testmesh/policies" "$R/kernel" || die activate "the kernel holds something else"; }
be_links() {
  [ ! -e "$R/slow-links" ] || sleep "$(cat "$R/slow-links")"
  if [ -e "$R/fail-links" ]; then echo "link b 10.0.0.1 10.0.0.2 down no answer"
  else echo "link b 10.0.0.1 10.0.0.2 up"; fi
}
be_status() { echo "link b 10.0.0.1 10.0.0.2 up 5 packets"; echo "health good all is well"; }
be_boot() { :; }
be_replaced() { :; }
be_daemon() { :; }
be_lacks() { cmp -s "$1/files/etc/testmesh/policies" "$R/kernel" || echo "lacks policies 1"; }
be_guarded() { :; }
