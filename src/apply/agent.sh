# shellcheck shell=sh disable=SC2015 # `A && B || C` is meant: C also when B fails
# The agent: the host side of the transaction. docs/transaction.md is its contract, docs/recovery.md its manual for people.
#
# It defines functions only. The controller sends it with the back end's functions (be_*) and a last line
# `meshctl_main "$@"`; `arm` stores that whole text as $S/agent.sh for the dead man, the boot unit and the console.
# It may be killed, or the power may fail, between any two commands. What makes that harmless:
#
#   I1  Every verb that writes holds flock(2) on $S/mutex: one writer at a time, and the kernel frees it when a writer dies.
#       Nobody waits for the network under it: `stage` lets go of it while it unpacks into .new-TXN, which only the process
#       named in txn/TXN/staging may use, and takes it again before anything else sees that folder.
#   I2  generations/ID appears by one rename, checked and synced before: a name without a dot in front is complete.
#   I3  `armed` appears by one rename after everything that the way back needs is durable: from, gen, original/, agent.sh,
#       boot recovery, a dead-man timer that was seen to run. No live file and no policy is touched before it.
#   I4  `armed` disappears by one rename, to confirmed, expired or reverted. Its winner decides; who loses follows.
#       `abandoned` never was `armed`: it stands, without a lock, for a transaction that must not begin any more.
#   I5  `lock` is the last thing to go. While it names TXN, TXN's end is unfinished, and anybody (confirm or revert
#       called again, the dead man, boot, the next apply) repeats mc_settle, which leads from the state file's name alone.
#   I6  original/ speaks for the paths of `from` and of the running transaction; entries of paths in `from` never change.
#   I7  Whatever talks to a daemon, the kernel or the network is called through mc_run or mc_limit: no call lasts for ever.
#       Reverting policies does not wait for the daemon.
#
# A fork is dear on small machines: one-line files are read with `read`, lists are matched with `case`.

# ---------------------------------------------------------------------------------------------------- small things

# Not one of them may fail on a session that is gone: an answer nobody reads is no reason to stop half way.
mc_say() { printf '%s\n' "$*" 2>/dev/null || :; }
mc_ok() { mc_say ok; exit 0; }

# Ends the agent (or the step's subshell) with the answer `fail REASON TEXT`.
die() {
  mc_reason=$1 && shift
  mc_text="$*" && mc_text=${mc_text%%"$NL"*}
  if [ -n "$mc_on_fail" ]; then
    mc_hook=$mc_on_fail && mc_on_fail=
    $mc_hook
  fi
  if [ -n "$mc_fail_file" ]; then
    printf '%s %s\n' "$mc_reason" "$mc_text" >"$mc_fail_file"
  else
    mc_say "fail $mc_reason $mc_text"
  fi
  exit 1
}

# ERROR TEXT: a full disk is told from other failures by the tools' own words.
mc_die_write() {
  case $1 in
    *'No space left'* | *'quota exceeded'*) die space "$1" ;;
    *) die internal "${1:-cannot write below $S}" ;;
  esac
}

# First line of FILE in $line; empty where there is none.
mc_first() {
  line=
  { IFS= read -r line <"$1"; } 2>/dev/null || :
}

# Seconds since boot in $now: monotonic, counts suspended time, needs no fork.
mc_now() {
  mc_first /proc/uptime
  now=${line%%.*}
}

# Start time of process $1 in $start (clock ticks since boot); empty when there is no such process. With the number it
# names a process for good.
mc_start_of() {
  mc_first "/proc/$1/stat"
  start=
  [ -n "$line" ] || return 0
  # shellcheck disable=SC2086 # split into fields: state is the first after the name, start time the 20th
  set -- ${line##*) }
  case $1 in Z | X) return 0 ;; esac
  start=${20}
}

# The transaction that brought `current` in $by, its second line; empty where nobody knows.
mc_confirmed_by() {
  by=
  { { IFS= read -r line && IFS= read -r by; } <"$S/current"; } 2>/dev/null || :
}

# This boot's name in $boot. A container that is started anew keeps the kernel's boot id but not its PID 1, and has lost
# its policies all the same.
mc_boot_id() {
  mc_start_of 1
  mc_first /proc/sys/kernel/random/boot_id
  boot=${line:-unknown}.${start:-0}
}

mc_need_word() {
  case $1 in
    '' | [.-]* | *[!A-Za-z0-9._-]*) die internal "not a name: ${1:-(empty)}" ;;
  esac
}

mc_log() {
  mc_now
  printf '%s %s\n' "$now" "$*" >>"$LOG" 2>/dev/null || :
}

# SECONDS COMMAND ARGS: stops a command that has not ended by then, and 5 s later kills it and what it started (I7).
# Status 124 or 137 then, and a line on standard error.
mc_limit() {
  timeout -k 5 "$@"
  set -- $? "$@"
  case $1 in
    124 | 137) echo "$3 has not ended after $2 s" >&2 ;;
  esac
  return "$1"
}
mc_run() { mc_limit "$limit" "$@"; }

# For back ends: calls $1 with each line of $2, whatever became of those before; one on which it hung is the last.
mc_each() {
  while IFS= read -r each; do
    [ -n "$each" ] || continue
    "$1" "$each" || case $? in 124 | 137) return 0 ;; esac
  done <<EOF
$2
EOF
}

# For back ends: do others have policies that the kernel asks before ours? $1 has, one a line,
#   ours DIR PRIORITY SRC DST PROTO SPORT DPORT          nets as prefixes; 0 = any protocol or port, type or code of ICMP
#   other DIR PRIORITY SRC DST PROTO SPORT DPORT TEXT
# Where one of the others has the same or a stronger priority than one of ours that can match the same packet, one line
# says so, with TEXT of the first.
mc_ahead() {
  [ -n "$1" ] || return 0
  printf '%s\n' "$1" | LC_ALL=C awk '
    # The first bits of a net, behind its family: two nets overlap when the shorter text begins the longer one.
    function bits(net,  part, n, i, k, left, gap, digit, out) {
      if (net in known) return known[net]
      n = split(net, part, "/")
      k = (net ~ /:/) ? 128 : 32
      if (n == 2) k = part[2]
      left = part[1]
      out = ""
      if (net !~ /:/) {
        split(left, part, ".")
        for (i = 1; i <= 4; i++) out = out binary(part[i], 8)
        return known[net] = substr("4" out, 1, 1 + k)
      }
      if (left ~ /\./) {  # ::ffff:192.0.2.1
        match(left, /[0-9.]+$/)
        split(substr(left, RSTART), part, ".")
        left = substr(left, 1, RSTART - 1) sprintf("%x:%x", part[1] * 256 + part[2], part[3] * 256 + part[4])
      }
      gap = ":0:"
      for (i = gsub(/:/, ":", left); i < 7; i++) gap = gap "0:"
      sub(/::/, gap, left)  # at the beginning or the end an empty group is left, which is 0 as well
      split(left, part, ":")
      for (i = 1; i <= 8; i++) {
        digit = substr("0000" part[i], length(part[i]) + 1)
        for (n = 1; n <= 4; n++) out = out binary(index("0123456789abcdef", substr(digit, n, 1)) - 1, 4)
      }
      return known[net] = substr("6" out, 1, 1 + k)
    }
    function binary(value, width,  out) {
      for (out = ""; width > 0; width--) { out = (value % 2) out; value = int(value / 2) }
      return out
    }
    function overlap(x, y) {
      x = bits(x)
      y = bits(y)
      return length(x) < length(y) ? index(y, x) == 1 : index(x, y) == 1
    }
    function meet(x, y) { return x == 0 || y == 0 || x == y }
    $1 == "ours" { own[++ours] = $0; next }
    $1 == "other" { foreign[++others] = $0 }
    END {
      for (k = 1; k <= others; k++) {
        split(foreign[k], f, " ")
        for (i = 1; i <= ours; i++) {
          split(own[i], w, " ")
          if (f[2] != w[2] || f[3] + 0 > w[3] + 0 || !meet(f[6], w[6]) || !meet(f[7], w[7]) || !meet(f[8], w[8])) continue
          if (!overlap(f[4], w[4]) || !overlap(f[5], w[5])) continue
          if (!found++) first = foreign[k]
          break
        }
      }
      if (!found) exit
      for (i = 1; i <= 8; i++) sub(/^[^ ]+ /, "", first)
      print (found == 1 ? "a policy that is not of meshctl comes" : found " policies that are not of meshctl come") \
        " before ours" (found == 1 ? ": " : ", the first: ") first
    }'
}

# For back ends: on standard input, one a line, for each policy of the generation that the kernel does not have
#   open A B        it protects or drops packets between the addresses A and B, and nothing in the kernel does so now
#   missing A B     another one
# then `---` and lines `link PEER LOCAL REMOTE STATE DETAIL`. Prints the latter: none is up whose policies are not there.
mc_mark_links() {
  LC_ALL=C awk '
    $0 == "---" { links = 1; next }
    !links { lost[$2 " " $3]++; if ($1 == "open") open[$2 " " $3]++; next }
    {
      there = $3 " " $4; back = $4 " " $3
      n = lost[there] + lost[back]
      if (!n) { print; next }
      state = open[there] + open[back] ? "open" : "down"
      print $1, $2, $3, $4, state, n, (n == 1 ? "policy is" : "policies are") " missing in the kernel"
    }'
}

# For back ends: a `health` line if daemon $2 will not start at boot; $3…: its units, of which the first that is there is
# meant. Generation $1 has one of these files where the inventory has `boot:`; that they lie there is for drift to tell.
mc_starts_at_boot() {
  how=
  for path in systemd/system/meshctl-daemon.service network/if-up.d/meshctl-daemon rcS.d/S98meshctl-daemon; do
    [ ! -f "$1/files/etc/$path" ] || how=${path%%/*}
  done
  daemon=$2 why='' enabled='' && shift 2
  case $how in
    systemd) [ -d "$R/run/systemd/system" ] || why="this host's init is not systemd, write 'boot: rc' or 'boot: ifupdown'" ;;
    rcS.d) [ ! -d "$R/run/systemd/system" ] || why="systemd runs no scripts of /etc/rcS.d, write 'boot: systemd'" ;;
    network) command -v ifup >/dev/null || why="ifupdown is not installed, write 'boot: systemd' or 'boot: rc'" ;;
  esac
  if [ -d "$R/run/systemd/system" ]; then
    for unit; do
      enabled=$(mc_run systemctl is-enabled "$unit" 2>/dev/null) || :
      case $enabled in '' | not-found) ;; *) break ;; esac
    done
    case $enabled in
      masked*) why="$unit is masked" enabled='' ;;
      disabled | not-found) enabled= ;;
    esac
  else
    for unit; do
      for path in "$R"/etc/rc[2-5S].d/S[0-9][0-9]"${unit%.service}"; do [ ! -e "$path" ] || enabled=yes; done
    done
  fi
  if [ -n "$how" ]; then
    [ -z "$why" ] || mc_say "health boot $daemon will not start at boot: $why"
  elif [ -z "$enabled" ]; then
    mc_say "health note $daemon will not start at boot${why:+: $why}; 'boot:' of the host sees to it"
  fi
}

# ---------------------------------------------------------------------------------------------------- firewall

# The generation's script for the host's firewall; it knows the rules, and by itself what of them is in place.
mc_firewall_of() {
  firewall=
  [ -n "$1" ] || return 0
  for path in /etc/meshctl/firewall.nftables /etc/meshctl/firewall.iptables /etc/racoon/firewall.nftables /etc/racoon/firewall.iptables; do
    [ ! -f "$1/files$path" ] || firewall=$path
  done
}

# FROM TO: the firewall lets through what TO needs, and what only FROM needed no longer. `up` replaces all that any script of
# its own kind has made.
mc_firewall() {
  mc_firewall_of "$1" && before=$firewall
  mc_firewall_of "$2"
  if [ -n "$firewall" ]; then
    err=$(mc_run sh "$2/files$firewall" up 2>&1) || die activate "firewall: ${err:-it does not take our rules}"
  fi
  [ -n "$before" ] && [ "${before##*.}" != "${firewall##*.}" ] || return 0
  err=$(mc_run sh "$1/files$before" down 2>&1) || die activate "firewall: ${err:-our rules cannot be taken away}"
}

# Before anything is changed: would the firewall take the rules of generation $1?
mc_check_firewall() {
  ! grep -qs 'meshctl-\(filter\|nat\)\.nft' "$R"/etc/nftables.conf "$R"/etc/nftables.d/* ||
    die check "/etc/nftables.conf includes meshctl-filter.nft or meshctl-nat.nft: take that out, and the jumps to its chains; meshctl does it itself now"
  mc_firewall_of "$1"
  [ -n "$firewall" ] || return 0
  case $firewall in *.nftables) tool=nft ;; *) tool=iptables ;; esac
  command -v "$tool" >/dev/null || die missing "$tool is not installed on this host"
  err=$(mc_run sh "$1/files$firewall" test 2>&1) || die check "firewall: ${err:-it does not take our rules}"
}

# What of generation $1 the firewall lacks, one a line, in $lost: somebody has loaded other rules since.
mc_firewall_lacks() {
  lost=
  mc_firewall_of "$1"
  [ -z "$firewall" ] || lost=$(mc_run sh "$1/files$firewall" status </dev/null 2>&1)
}

# At boot the host's own rules may come after us, and with a clean slate: two minutes are enough for them. A transaction that
# comes in that time sees to its own.
mc_firewall_at_boot() {
  mc_first "$S/current"
  mc_firewall_of "${line:+"$S/generations/$line"}"
  [ -n "$firewall" ] || return 0
  (
    tries=0
    while [ "$tries" -lt 60 ] && mc_first "$S/current" && [ -n "$line" ]; do
      GEN=$S/generations/$line
      mc_firewall_lacks "$GEN"
      [ -z "$lost" ] || [ -e "$S/trial" ] || (mc_fail_file=/dev/null && mc_firewall '' "$GEN")
      tries=$((tries + 1))
      sleep 2
    done
  ) </dev/null >/dev/null 2>&1 9>&- &
}

# ---------------------------------------------------------------------------------------------------- lock and state

# Waits up to $1 seconds to be the one writer. False: another one is, or the disk cannot be written.
mc_mutex() {
  { true >>"$S/mutex"; } 2>/dev/null || return
  exec 9>>"$S/mutex"
  flock -w "$1" 9
}

# For the way back: whoever still works 30 s after its flag was taken away hangs, and is stopped.
mc_mutex_for_back() {
  mc_mutex 30 && return
  mc_log "the activation does not end: stopped"
  mc_stop_worker "$T/pid"
  flock -w 10 9 2>/dev/null || mc_log "the mutex is not free: going on without it"
}

# Kills the process that file $1 names and all below it; the start time guards against a number that was used again.
mc_stop_worker() {
  mc_first "$1"
  worker=${line%% *} && worker_start=${line##* }
  [ -n "$worker" ] && [ "$worker" != $$ ] || return 0
  mc_start_of "$worker"
  [ "$start" = "$worker_start" ] || return 0
  doomed=" $worker " && grown=yes
  while [ -n "$grown" ]; do
    grown=
    for proc in /proc/[0-9]*; do
      mc_first "$proc/stat"
      [ -n "$line" ] || continue
      # shellcheck disable=SC2086
      set -- ${line##*) }
      case $doomed in
        *" ${proc#/proc/} "*) ;;
        *" $2 "*) doomed="$doomed${proc#/proc/} " && grown=yes ;;
      esac
    done
  done
  # shellcheck disable=SC2086
  kill -9 $doomed 2>/dev/null || :
}

mc_read_lock() {
  lock_txn='' lock_boot='' lock_end=0
  mc_first "$S/lock"
  # shellcheck disable=SC2086
  set -- $line
  [ $# -eq 3 ] || return 0
  lock_txn=$1 lock_boot=$2 lock_end=$3
}

# Is the lock just read one to respect? After an armed deadline the dead man has a minute (see mc_arm) before others help.
mc_lock_lives() { [ -n "$lock_txn" ] && [ "$lock_boot" = "$boot" ] && [ "$now" -le "$lock_end" ]; }

# Writes the lock, valid for $1 more seconds, whole or not at all. Under the mutex, so nobody else writes it.
mc_write_lock() {
  mc_now
  { printf '%s %s %s\n' "$TXN" "$boot" $((now + $1)) >"$S/.lock.new"; } 2>/dev/null &&
    err=$(mv -f "$S/.lock.new" "$S/lock" 2>&1) || mc_die_write "${err:-No space left on device: $S/lock}"
}

# Takes the lock for $TXN. One that outlived its owner is settled first: the host is exactly old or exactly new again.
mc_take_lock() {
  mc_now
  mc_read_lock
  if [ -n "$lock_txn" ] && [ "$lock_txn" != "$TXN" ]; then
    mc_lock_lives && die locked "$lock_txn"
    (
      mc_on_fail='' mc_fail_file=/dev/null
      mc_settle "$lock_txn"
    ) >/dev/null || die locked "$lock_txn was left over and its revert fails; see $S/txn/$lock_txn/log"
  fi
  mc_write_lock 900
}

# Selects transaction $1: TXN, its folder T, generations gen and from, their folders NEW and OLD (empty: none, as for gen
# `original`, which is what was there before meshctl came).
# BASE is what policies are compared with; a generation applied over itself repairs, so all of it is new.
mc_use() {
  TXN=$1 T=$S/txn/$1 LOG=$S/txn/$1/log gen='' from=''
  mc_first "$T/gen" && gen=$line
  mc_first "$T/from" && from=$line
  NEW=$S/generations/$gen OLD=
  [ "$gen" != original ] || NEW=
  [ "${from:--}" = - ] || OLD=$S/generations/$from
  BASE=$OLD
  [ "$gen" != "$from" ] || BASE=
}

# The transaction's state in $state: the name of its state file, or `none`.
mc_state() {
  for state in armed confirmed expired reverted abandoned none; do
    [ ! -e "$T/$state" ] || return 0
  done
}

# Leaves `armed` for $1, unless somebody else already did: I4. The rename decides, $state says the outcome.
mc_leave_armed() {
  mc_state
  if [ "$state" = armed ]; then
    mv "$T/armed" "$T/$1" 2>/dev/null || :
    mc_state
  fi
}

# For the verbs that continue a transaction: it is there, and the host is locked by it.
mc_need_lock() {
  mc_need_word "$1"
  mc_use "$1"
  [ -d "$T" ] || die missing "no transaction $1 on this host"
  mc_read_lock
  [ "$lock_txn" = "$1" ] && [ -n "$gen" ] && return
  mc_state
  case $state in
    expired | reverted) die expired "$1 was reverted" ;;
    abandoned) die expired "$1 was abandoned" ;;
    *) die locked "${lock_txn:-nobody}: not by $1" ;;
  esac
}

# ---------------------------------------------------------------------------------------------------- generations

# PATHs of list file $1 in $list, framed by newlines, for `case`.
mc_paths() {
  list=$NL
  [ -e "$1" ] || return 0
  while read -r _ _ path; do list=$list$path$NL; done <"$1"
}

# Sums of generation $1 in $sums, framed by newlines.
mc_sums() {
  sums=$NL
  while IFS= read -r line; do sums=$sums$line$NL; done <"$1/SHA256SUMS"
}

# Folder $1 is a whole generation: nothing listed without a sum, nothing summed without being listed, plain files only.
mc_check_lists() {
  for path in manifest.json files.list links.list SHA256SUMS; do
    [ -f "$1/$path" ] && [ ! -L "$1/$path" ] || die digest "the bundle does not have $path"
  done
  mc_sums "$1"
  expected=3
  while read -r mode owner path; do
    case $mode in 0[0-7][0-7][0-7]) ;; *) die digest "bad mode $mode in files.list" ;; esac
    case $owner in
      *:*:* | :* | *: | -* | *[!A-Za-z0-9_:.-]*) die digest "bad owner $owner in files.list" ;;
      *:*) ;;
      *) die digest "bad owner $owner in files.list" ;;
    esac
    case $path/ in
      *[!A-Za-z0-9._/@+-]* | */../* | */./* | *//*) die digest "bad path $path in files.list" ;;
      /?*) ;;
      *) die digest "bad path $path in files.list" ;;
    esac
    [ -f "$1/files$path" ] && [ ! -L "$1/files$path" ] || die digest "the bundle does not have files$path"
    case $sums in *"  files$path$NL"*) ;; *) die digest "no sum for files$path" ;; esac
    expected=$((expected + 1))
  done <"$1/files.list"
  for path in manifest.json files.list links.list; do
    case $sums in *"  $path$NL"*) ;; *) die digest "no sum for $path" ;; esac
  done
  rest=${sums#"$NL"}
  while [ -n "$rest" ]; do expected=$((expected - 1)) && rest=${rest#*"$NL"}; done
  [ "$expected" = 0 ] || die digest "SHA256SUMS and files.list name different files"
}

# Are all files of folder $1 what its SHA256SUMS says, and that what $2 says (empty: not known)?
mc_intact() {
  if [ -n "$2" ]; then
    err=$(cd "$1" && sha256sum -c --quiet --strict - SHA256SUMS 2>&1 <<END
$2  SHA256SUMS
END
    )
  else
    err=$(cd "$1" && sha256sum -c --quiet --strict SHA256SUMS 2>&1)
  fi
}

# A change of back end would need the functions of both: the agent has one set.
mc_same_backend() {
  [ -n "$OLD" ] && [ "$OLD" != "$1" ] || return 0
  # shellcheck disable=SC2046
  set -- $(sed -n 's/.*"backend": *"\([a-z0-9_-]*\)".*/\1/p' "$OLD/manifest.json" "$1/manifest.json")
  [ "${1:-}" = "${2:-}" ] || die state "the host runs back end ${1:-?}, this is ${2:-?}: go back to the original state first"
}

# The generation that the transaction leads to is there.
mc_need_new() { [ "$gen" = original ] || [ -d "$NEW" ] || die missing "no generation $gen"; }

# What to put back is known for each path of OLD (I6).
mc_need_original() {
  [ -n "$OLD" ] || die missing "meshctl manages nothing here"
  known=$NL
  for file in "$S/original/files.list" "$S/original/absent"; do
    [ -e "$file" ] || die missing "$file is gone"
    while IFS= read -r line; do known=$known${line##* }$NL; done <"$file"
  done
  while read -r _ _ path; do
    case $known in *"$NL$path$NL"*) ;; *) die missing "what was at $path before meshctl came is not known" ;; esac
  done <"$OLD/files.list"
}

# ---------------------------------------------------------------------------------------------------- live files

# Live files that differ from generation $1 in content, mode, owner or kind, in $differ, framed by newlines. Two forks: the
# sums of live and generation's files come from one run, as `read` takes a system call for each byte of SHA256SUMS.
mc_differing() {
  differ=$NL entries=''
  set -- "$1"
  while read -r mode owner path; do
    entries="$entries${mode#0} $owner $path$NL"
    set -- "$@" "$R$path" "$1/files$path"
  done <"$1/files.list"
  GEN=$1 && shift
  [ $# -gt 0 ] || return 0
  found=$NL$(sha256sum -- "$@" 2>/dev/null)$NL
  stats=$NL$(stat -c '%a %U:%G %n' -- "$@" 2>/dev/null)$NL
  while [ -n "$entries" ]; do
    entry=${entries%%"$NL"*} && entries=${entries#*"$NL"}
    path=${entry##* }
    hex=${found%%"  $GEN/files$path$NL"*} && hex=${hex##*"$NL"}
    case $found in *"$NL$hex  $R$path$NL"*) ;; *) differ=$differ$path$NL && continue ;; esac
    case $stats in *"$NL${entry% *} $R$path$NL"*) ;; *) differ=$differ$path$NL ;; esac
  done
}

# Nobody but root may lead us elsewhere: folders on the way to live path $1 are root's and nobody else can write in them, and
# symbolic links are root's. $safe: folders that were found good already.
mc_safe_parents() {
  dir=$R rest=${1#/}
  while :; do
    case $rest in */*) ;; *) break ;; esac
    dir=$dir/${rest%%/*} rest=${rest#*/}
    if [ -L "$dir" ] && [ "$(stat -c %u "$dir")" != 0 ]; then
      die state "$dir is a symbolic link that is not root's"
    fi
    [ -e "$dir" ] || [ -L "$dir" ] || continue
    [ -d "$dir" ] || die state "$dir is not a folder"
    [ -O "$dir" ] || die state "$dir does not belong to root"
    case $safe in *"$NL$dir$NL"*) continue ;; esac
    rights=$(stat -L -c '%a %g' "$dir") || die state "$dir cannot be read"
    # The group root may write: that is root.
    writers=022
    [ "${rights#* }" != 0 ] || writers=02
    [ $((0${rights% *} & writers)) = 0 ] || die state "others than root can write in $dir"
    safe=$safe$dir$NL
  done
  [ ! -d "$R$1" ] || [ -L "$R$1" ] || die state "$R$1 is a folder"
}

# Where live path $1 is prepared: the same folder, a name no daemon includes, always the same so that leftovers are found.
mc_temp_name() { temp=$R${1%/*}/.${1##*/}.meshctl; }

# Makes the live files those of generation $1 (empty: none); what only generation $2 has goes back to the original.
# New content is complete and durable beside its target before the first rename; a kill between two renames leaves whole
# files of both generations, and repeating this from the lists leads to $1's alone.
mc_put_files() {
  TO=$1 BEFORE=$2
  list=$NL touched=
  if [ -n "$TO" ]; then
    mc_differing "$TO"
    set --
    while read -r mode owner path; do
      case $differ in *"$NL$path$NL"*) ;; *) continue ;; esac
      mc_safe_parents "$path"
      mc_temp_name "$path"
      [ -d "${temp%/*}" ] || (umask 022 && mkdir -p "${temp%/*}") || die internal "cannot make ${temp%/*}"
      err=$(install -m "$mode" -o "${owner%:*}" -g "${owner#*:}" "$TO/files$path" "$temp" 2>&1) || mc_die_write "$err"
      set -- "$@" "$temp"
    done <"$TO/files.list"
    [ $# -eq 0 ] || sync "$@" || die internal "cannot sync $*"
    while read -r mode owner path; do
      case $differ in *"$NL$path$NL"*) ;; *) continue ;; esac
      mc_temp_name "$path"
      mv -fT "$temp" "$R$path" || die internal "cannot replace $path"
      touched="$touched ${temp%/*}"
    done <"$TO/files.list"
    mc_paths "$TO/files.list"
  fi
  mc_drop_files "$list" "$BEFORE"
  mc_clean_temps "$TO" "$BEFORE"
  # shellcheck disable=SC2086 # folders: their names hold no blanks, see mc_check_lists
  mc_sync_folders $touched
  [ -n "$TO" ] || return 0
  mc_differing "$TO"
  [ "$differ" = "$NL" ] || die activate "not as written:$(printf ' %s' "${differ%"$NL"}")"
}

# Makes renames and removals durable. A folder may have gone since it was noted.
mc_sync_folders() {
  for dir in "$@"; do
    shift
    [ ! -d "$dir" ] || set -- "$@" "$dir"
  done
  [ $# -eq 0 ] || sync "$@" || die internal "cannot sync the live files"
}

# Paths of generation $2 that are not in $1 go back to what was there before meshctl came.
mc_drop_files() {
  keep=$1
  [ -n "$2" ] || return 0
  mc_paths "$S/original/files.list"
  saved=$list
  while read -r mode owner path; do
    case $keep in *"$NL$path$NL"*) continue ;; esac
    mc_temp_name "$path"
    case $saved in
      *"$NL$path$NL"*)
        mc_safe_parents "$path"
        [ -d "${temp%/*}" ] || (umask 022 && mkdir -p "${temp%/*}") || die internal "cannot make ${temp%/*}"
        rm -f "$temp" && err=$(cp -a "$S/original/files$path" "$temp" 2>&1) || mc_die_write "$err"
        # sync follows a symbolic link; such an original has no content to lose
        [ -L "$temp" ] || sync "$temp" || die internal "cannot sync $temp"
        mv -fT "$temp" "$R$path" || die internal "cannot put back $path"
        touched="$touched ${temp%/*}"
        ;;
      *)
        if [ -e "$R$path" ] || [ -L "$R$path" ]; then
          mc_safe_parents "$path"
          rm -f "$R$path" || die internal "cannot remove $path"
        fi
        mc_drop_folders "${path%/*}"
        ;;
    esac
  done <"$2/files.list"
}

# Removes folder $1 and those above it that arm found missing, as far as they are empty.
mc_drop_folders() {
  up=$1 made=$NL
  [ -e "$S/original/folders" ] || return 0
  while IFS= read -r line; do made=$made$line$NL; done <"$S/original/folders"
  while [ -n "$up" ]; do
    case $made in *"$NL$up$NL"*) ;; *) break ;; esac
    [ ! -d "$R$up" ] || rmdir "$R$up" 2>/dev/null || break
    up=${up%/*}
  done
  [ ! -d "$R$up" ] || touched="$touched $R$up"
}

# What a killed predecessor prepared and never renamed.
mc_clean_temps() {
  for GEN in "$@"; do
    [ -n "$GEN" ] || continue
    while read -r mode owner path; do
      mc_temp_name "$path"
      [ ! -e "$temp" ] && [ ! -L "$temp" ] || rm -f "$temp"
    done <"$GEN/files.list"
  done
}

# Saves what lies at the paths of NEW that `from` does not have, for mc_drop_files. These paths are not ours now, so what is
# there is the admin's, and an older saved copy is out of date (I6). Before `armed`, so a torn copy is made again.
mc_save_originals() {
  [ -n "$NEW" ] || return 0
  ours=$NL present='' absent=$NL folders=$NL
  [ -z "$OLD" ] || { mc_paths "$OLD/files.list" && ours=$list; }
  set --
  while read -r mode owner path; do
    mc_safe_parents "$path"
    case $ours in *"$NL$path$NL"*) continue ;; esac
    if [ -e "$R$path" ] || [ -L "$R$path" ]; then
      set -- "$@" ".$path"
    else
      absent=$absent$path$NL
      up=${path%/*}
      while [ -n "$up" ] && [ ! -d "$R$up" ]; do folders=$folders$up$NL && up=${up%/*}; done
    fi
  done <"$NEW/files.list"
  [ $# -gt 0 ] || [ "$absent" != "$NL" ] || return 0
  mkdir -p "$S/original/files" || mc_die_write ''
  if [ $# -gt 0 ]; then
    present=$(cd "$S/original/files" && rm -rf -- "$@" 2>&1 && cd "${R:-/}" &&
      cp -a --parents -- "$@" "$S/original/files" 2>&1 && stat -c '%04a %U:%G %n' -- "$@" 2>&1) || mc_die_write "$present"
  fi
  mc_merge_list files.list "$present"
  mc_merge_list absent "$absent"
  mc_merge_list folders "$folders"
  # Content before the names that vouch for it.
  sync -f "$S" && mv -f "$S/original/.files.list" "$S/original/files.list" &&
    mv -f "$S/original/.absent" "$S/original/absent" &&
    mv -f "$S/original/.folders" "$S/original/folders" || mc_die_write ''
}

# NAME TEXT: original/NAME, whole or not at all.
mc_save_text() {
  { printf '%s\n' "$2" >"$S/original/.$1"; } 2>/dev/null && mv -f "$S/original/.$1" "$S/original/$1" || mc_die_write ''
}

# For back ends: the kernel's policies that those of all generations until now replaced. They are the original state's.
mc_originals() { cat "$S/original/policies" 2>/dev/null; }

# What activating NEW does besides files, for the original state: policies of others that ours replace, and whether the daemon
# ran. Before `armed`.
mc_save_kernel() {
  [ -n "$NEW" ] || return 0
  mkdir -p "$S/original" || mc_die_write ''
  if [ -z "$OLD" ]; then
    runs=stopped
    be_daemon runs </dev/null >/dev/null 2>&1 && runs=runs
    mc_save_text daemon "$runs"
  fi
  replaced=$({ [ -z "$OLD" ] || mc_originals; be_replaced "$NEW" "$OLD" </dev/null; } | awk 'NF && !seen[$0]++')
  mc_save_text policies "$replaced"
}

# Writes original/.$1: the old list without the paths that NEW brings, and the lines $2. Folders only accumulate.
mc_merge_list() {
  merged=
  if [ -e "$S/original/$1" ]; then
    mc_paths "$NEW/files.list"
    while IFS= read -r line; do
      case $1 in
        folders) case $2 in *"$NL$line$NL"*) continue ;; esac ;;
        *) case $ours$NL in *"$NL${line##* }$NL"*) ;; *) case $list in *"$NL${line##* }$NL"*) continue ;; esac ;; esac ;;
      esac
      merged=$merged$line$NL
    done <"$S/original/$1"
  fi
  while IFS= read -r line; do
    [ -z "$line" ] || case $line in
      *' ./'*) merged="$merged${line%%./*}/${line#*./}$NL" ;;
      *) merged=$merged$line$NL ;;
    esac
  done <<END
$2
END
  { printf '%s' "$merged" >"$S/original/.$1"; } 2>/dev/null || die space "cannot write $S/original/$1"
}

# ---------------------------------------------------------------------------------------------------- steps, and the way back

# NAME FUNCTION ARGS: one step in a subshell, so that its `die` comes back here as $step_reason and $step_text. Daemons it
# starts inherit neither the session's channel (sshd would wait for them) nor the mutex.
mc_try() {
  step=$1 && shift
  mc_log "$step"
  { true >>"$LOG"; } 2>/dev/null || LOG=/dev/null
  (
    mc_fail_file=$T/fail mc_on_fail=
    "$@"
  ) </dev/null >>"$LOG" 2>&1 9>&- && return
  mc_first "$T/fail"
  rm -f "$T/fail"
  step_reason=${line%% *} step_text=${line#* }
  [ -n "$line" ] || step_reason=activate step_text="the step ended without a word; see $LOG"
  mc_log "$step failed: $step_reason $step_text"
  bad="$bad $step"
  return 1
}

# FROM TO: the daemon takes over the live files. In the original state it runs if it did before meshctl came, and only then.
mc_reload() {
  mc_first "$S/original/daemon"
  before=$line
  if [ -z "$2" ] && [ "$before" = stopped ]; then
    be_daemon stop
    return
  fi
  be_reload "$1" "$2"
  [ -n "$2" ] || [ "$before" != runs ] || be_daemon start
}

# Back from NEW to OLD (or to the originals). $1 is `full`, or `files` on a kernel that has booted since and holds nothing of
# NEW. Repeatable, from any state between the two. A step that fails does not keep the others from what they can do,
# but no policy is deleted before what protects instead stands. The daemon comes last: it may be what is broken (I7). Only
# where there is no OLD the policies of NEW stay until it was asked, since it may be the one that protects then.
mc_back() {
  bad='' target=$OLD
  [ -z "$OLD" ] || [ -d "$OLD" ] || die missing "generation $from is gone"
  peer=$NEW
  [ "$gen" != "$from" ] || peer=
  if [ "$1" = files ]; then
    mc_try back-files mc_put_files "$target" "$NEW"
    return
  fi
  # pid is written before the first change
  [ -e "$T/pid" ] || return 0
  guarded=yes
  mc_try back-protect be_protect "$peer" "$target" ||
    (be_guarded "$target") </dev/null >>"$LOG" 2>&1 9>&- || guarded=
  [ -z "$target" ] || mc_back_retire
  mc_try back-files mc_put_files "$target" "$NEW" || :
  mc_try back-firewall mc_firewall "$peer" "$target" || :
  mc_try back-reload mc_reload "$peer" "$target" || :
  [ -n "$target" ] || mc_back_retire
  [ -z "$bad" ] && [ -n "$target" ] && mc_try back-verify be_verify "$target" || :
  [ -z "$bad" ]
}

mc_back_retire() { [ -z "$guarded" ] || mc_try back-retire be_retire "$peer" "$target" || :; }

# Leads transaction $1 to its end, whatever was done of it (I5): armed counts as expired. The lock just read says
# whether its kernel is still running. False: the way back failed, lock and state stay for the next try.
mc_settle() {
  mc_use "$1"
  mc_leave_armed expired
  case $state in
    confirmed) mc_finish_confirm ;;
    expired | reverted)
      way=full
      [ "$lock_boot" = "$boot" ] || way=files
      mc_back "$way" || return 1
      mc_finish_back
      ;;
    none | abandoned) mc_drop ;;
    armed) return 1 ;; # the disk takes no rename now
  esac
}

# `confirmed` was won: the names follow, then the lock goes. Everything is derived from txn/TXN, so it can be repeated.
mc_finish_confirm() {
  if [ "$gen" = original ]; then
    mc_forget_all
    return
  fi
  if [ "$gen" != "$from" ]; then
    printf '%s\n' "$from" >"$S/.previous.new" || mc_die_write ''
  fi
  # A repair changes no generation: the run that brought it stays the one that rollback undoes.
  by=$TXN
  [ "$gen" != "$from" ] || mc_confirmed_by
  printf '%s\n%s\n' "$gen" "$by" >"$S/.current.new" || mc_die_write ''
  # Durable now: the rename to `confirmed`, and the content of both names.
  sync -f "$S" || die internal "cannot sync $S"
  if [ "$gen" != "$from" ]; then mv -f "$S/.previous.new" "$S/previous" || die internal "cannot write previous"; fi
  mv -f "$S/.current.new" "$S/current" || die internal "cannot write current"
  rm -f "$S/boot-failed"
  mc_history confirmed
  mc_collect
  mc_unlock
}

# The original state was confirmed: nothing here is ours any more. Left are history.jsonl, and this transaction, so that
# `confirm` can be called again.
mc_forget_all() {
  mc_history confirmed
  # Durable now: the rename to `confirmed`
  sync -f "$S" || die internal "cannot sync $S"
  rm -f "$S/current" "$S/previous" "$S/trial" "$S/boot-failed" || die internal "cannot write below $S"
  rm -f "$S/break-glass" "$R/etc/systemd/system/sysinit.target.wants/meshctl-boot.service" \
    "$R/etc/systemd/system/meshctl-boot.service" "$R"/etc/rcS.d/S*meshctl "$R/etc/init.d/meshctl"
  if [ -e "$S/original/boot-folders" ]; then
    while IFS= read -r dir; do rmdir "$dir" 2>/dev/null || :; done <"$S/original/boot-folders"
  fi
  set -- "$S/original"
  for GEN in "$S"/generations/* "$S"/generations/.[a-z]* "$S"/txn/* "$S"/txn/.[a-z]*; do
    [ "$GEN" = "$T" ] || set -- "$@" "$GEN"
  done
  rm -rf -- "$@" || mc_log "destroy: cannot remove all"
  mc_unlock
  # The boot unit's condition, and what a timer would run: not needed without a lock.
  rm -f "$S/agent.sh"
}

mc_finish_back() {
  mc_history "$state"
  rm -f "$S/trial"
  mc_unlock
}

# Last of all, and durable only after all else is: I5.
mc_unlock() {
  sync -f "$S" || die internal "cannot sync $S"
  mc_stop_dead_man
  rm -f "$S/lock"
}

# One line a finished transaction, also when its end is repeated. A line torn by a power cut is closed first.
mc_history() {
  last=
  [ ! -e "$S/history.jsonl" ] || last=$(tail -n 1 "$S/history.jsonl")
  case $last in
    *"\"txn\":\"$TXN\""*'}') return 0 ;;
    '' | *'}') lead= ;;
    *) lead=$NL ;;
  esac
  printf '%s{"time":"%s","txn":"%s","result":"%s","from":"%s","to":"%s"}\n' "$lead" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    "$TXN" "$1" "$from" "$gen" >>"$S/history.jsonl" || mc_log "history: cannot write"
}

# Removes the generations that no name holds, and older transactions.
mc_collect() {
  mc_first "$S/previous" && previous=$line
  set -- "$S/trial"
  for GEN in "$S"/generations/* "$S"/generations/.new-* "$S"/generations/.bad-*; do
    case ${GEN##*/} in
      "$gen" | "$previous") ;;
      *) set -- "$@" "$GEN" ;;
    esac
  done
  for GEN in "$S"/txn/*; do
    [ "$GEN" = "$T" ] || set -- "$@" "$GEN"
  done
  rm -rf -- "$@" || mc_log "collect: cannot remove all"
}

# A transaction that was never armed leaves nothing behind but what others hold, too.
mc_drop() {
  mc_stop_worker "$T/staging"
  set -- "$S/generations/.new-$TXN" "$T"
  mc_first "$S/current" && current=$line
  mc_first "$S/previous" && previous=$line
  case $gen in
    '' | "$current" | "$previous") ;;
    *) set -- "$@" "$S/generations/$gen" ;;
  esac
  mc_read_lock
  # `trial` is written under the lock, and by nobody else; rm goes in order, so the lock is the last (I5)
  [ "$lock_txn" != "$TXN" ] || set -- "$@" "$S/trial" "$S/lock"
  rm -rf -- "$@" || :
}

# What `stage` and `reuse` leave behind when they fail: nothing of their own, and no lock. While `stage` read from the network,
# somebody else may have ended the transaction, or have begun to stage it again.
mc_release() {
  if [ -n "$staging" ]; then
    mc_mutex 20 || return 0
    mc_first "$T/staging"
    [ "$line" = "$staging" ] || return 0
  fi
  gen=
  mc_drop
}
mc_forget() { rmdir "$T" 2>/dev/null || :; }

# ---------------------------------------------------------------------------------------------------- dead man and boot recovery

# UNIT VERB [TXN]: runs `agent.sh VERB` as a process that outlives this one and its session: as a service where systemd runs,
# else in a session of its own. False unless it was seen to run: it puts its number into $T/timer (mc_name_loop). It starts
# at once and looks at /proc/uptime by itself, which counts the time a machine was suspended; timers of systemd do not.
mc_start_loop() {
  rm -f "$T/timer"
  unit=$1 && shift
  if [ ! -d "$R/run/systemd/system" ] || ! command -v systemd-run >/dev/null || ! mc_start_service "$@"; then
    (
      trap '' HUP PIPE INT
      exec setsid /bin/sh "$S/agent.sh" "$@"
    ) </dev/null >>"$T/log" 2>&1 9>&- &
  fi
  # A disk that takes nothing: it may run, nobody can see it.
  { true >>"$T/log"; } 2>/dev/null || return 1
  mc_now
  last=$((now + 30))
  until mc_loop_lives; do
    sleep 0.1
    mc_now
    [ "$now" -le "$last" ] || return 1
  done
}

# No dependencies: at boot the unit that calls us is what others wait for. Daemons that a revert starts are not killed with us.
mc_start_service() {
  mc_run systemd-run --quiet --collect --unit="$unit" --property=DefaultDependencies=no --property=Conflicts=shutdown.target \
    --property=Before=shutdown.target --property=IgnoreOnIsolate=yes --property=KillMode=process \
    --property=StandardError=journal+console /bin/sh "$S/agent.sh" "$@" </dev/null >>"$T/log" 2>&1 9>&-
}

# Called by the process that mc_start_loop has started.
mc_name_loop() {
  mc_loop_lives && return
  mc_start_of $$
  { printf '%s %s\n' "$$" "$start" >"$T/.timer" && mv -f "$T/.timer" "$T/timer"; } 2>/dev/null || :
}

# Does the process that $T/timer names run? Its number is in $loop.
mc_loop_lives() {
  mc_first "$T/timer"
  loop=${line%% *} loop_start=${line##* }
  case $loop in '' | *[!0-9]*) return 1 ;; esac
  mc_start_of "$loop"
  [ "$start" = "$loop_start" ]
}

# `expire TXN` waits for txn/TXN/deadline.
mc_start_dead_man() {
  mc_stop_dead_man
  mc_start_loop "meshctl-expire-$TXN" expire "$TXN" || die internal "the dead-man timer does not start; see $T/log"
}

mc_stop_dead_man() {
  # The numbers mean nothing in another boot.
  [ "$lock_boot" = "$boot" ] && mc_loop_lives && [ "$loop" != $$ ] || return 0
  kill "$loop" 2>/dev/null || :
}

# Without it nothing would revert the change. What ends sessions may have ended it, too.
mc_need_dead_man() {
  mc_state
  [ "$state" != armed ] || mc_loop_lives || die internal "the dead-man timer does not run any more"
}

# FILE MODE, content in $text: written whole, unless it is there already.
mc_install_text() {
  if [ -e "$1" ]; then
    old=
    while IFS= read -r line; do old=$old$line$NL; done <"$1"
    [ "$old" != "$text$NL" ] || return 0
  fi
  mkdir -p "${1%/*}" && printf '%s\n' "$text" >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1" ||
    die space "cannot write $1"
}

# Folder $1 for boot recovery. What of it was not there before goes with it.
mc_make_folder() {
  up=$1 folders=
  while [ ! -d "$up" ]; do folders=$folders$up$NL && up=${up%/*}; done
  [ -n "$folders" ] || return 0
  mkdir -p "$S/original" && printf '%s' "$folders" >>"$S/original/boot-folders" && (umask 022 && mkdir -p "$1") ||
    die space "cannot write $1"
}

mc_boot_recovery() {
  text="#!/bin/sh
# Back to the confirmed IPsec state, or with the word 'original' to what was there before meshctl came.
exec /bin/sh $S/agent.sh break-glass \"\$@\""
  mc_install_text "$S/break-glass" 0700
  if [ -d "$R/run/systemd/system" ] || [ -d "$R/lib/systemd/system" ]; then mc_boot_unit; else mc_boot_script; fi
}

mc_boot_unit() {
  unit=$R/etc/systemd/system/meshctl-boot.service
  text="# Written by meshctl: takes back an unconfirmed change and loads the IPsec policies before the network is up.
[Unit]
Description=meshctl boot recovery
DefaultDependencies=no
RequiresMountsFor=$S /etc
ConditionPathExists=$S/agent.sh
After=local-fs.target systemd-modules-load.service
Wants=network-pre.target
Before=network-pre.target setkey.service racoon.service strongswan.service strongswan-starter.service ipsec.service
Conflicts=shutdown.target
Before=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh $S/agent.sh boot
StandardError=journal+console
TimeoutStartSec=300

[Install]
WantedBy=sysinit.target"
  link=$R/etc/systemd/system/sysinit.target.wants/meshctl-boot.service
  [ ! -e "$unit" ] || [ ! -L "$link" ] || { mc_install_text "$unit" 0644 && return; }
  mc_make_folder "${link%/*}"
  mc_install_text "$unit" 0644
  ln -sfn ../meshctl-boot.service "$link" || die space "cannot write $link"
}

# Without systemd: a script of the boot run level, in order right before the network's own.
mc_boot_script() {
  text="#!/bin/sh
### BEGIN INIT INFO
# Provides:          meshctl
# Required-Start:    \$local_fs
# Required-Stop:
# X-Start-Before:    networking setkey racoon ipsec
# Default-Start:     S
# Default-Stop:
# Short-Description: meshctl boot recovery
### END INIT INFO
case \"\$1\" in
  start | '') exec /bin/sh $S/agent.sh boot ;;
esac"
  mc_make_folder "$R/etc/init.d"
  mc_install_text "$R/etc/init.d/meshctl" 0755
  for link in "$R"/etc/rcS.d/S*meshctl; do
    [ ! -L "$link" ] || return 0
  done
  order=S20
  for link in "$R"/etc/rcS.d/S[0-9][0-9]networking; do
    [ ! -e "$link" ] || { order=${link##*/} && order=${order%networking}; }
  done
  mc_make_folder "$R/etc/rcS.d"
  ln -sfn ../init.d/meshctl "$R/etc/rcS.d/${order}meshctl" ||
    die space "cannot write $R/etc/rcS.d"
}

# ---------------------------------------------------------------------------------------------------- verbs that read

# Also the end of `revert` and `abandon`, whose caller wants to see that the host is back, and does not wait for a daemon.
mc_probe() {
  mc_now
  mc_say "boot $boot"
  for name in current previous trial; do
    mc_first "$S/$name"
    mc_say "$name ${line:--}"
  done
  mc_confirmed_by
  mc_say "confirmed ${by:--}"
  mc_read_lock
  if mc_lock_lives; then mc_say "lock $lock_txn"; else mc_say "lock -"; fi
  client=${connection%% *}
  mc_say "client ${client:--}"
  mc_first "$S/current"
  if [ -n "$line" ]; then
    GEN=$S/generations/$line
    [ -e "$GEN/SHA256SUMS" ] || die missing "generation $line is gone"
    mc_differing "$GEN"
    for path in $differ; do mc_say "drift $path"; done
    # While a trial runs, what is missing of `current` is no fault.
    if [ "$verb" = probe ] && [ ! -e "$S/trial" ]; then
      mc_firewall_lacks "$GEN"
      case $differ in *"$NL$firewall$NL"*) ;; *) [ -z "$lost" ] || mc_say "drift $firewall" ;; esac
      be_lacks "$GEN" </dev/null
    fi
  fi
  mc_ok
}

mc_facts() {
  os=
  for file in "$R/etc/os-release" "$R/usr/lib/os-release"; do
    [ -r "$file" ] || continue
    os_id='' os_version=''
    while IFS='=' read -r key value; do
      value=${value#\"} && value=${value%\"}
      case $key in ID) os_id=$value ;; VERSION_ID) os_version=$value ;; esac
    done <"$file"
    os=$os_id${os_version:+-$os_version}
    break
  done
  mc_say "fact os ${os:-unknown}"
  mc_first /proc/sys/kernel/osrelease
  mc_say "fact kernel ${line:-unknown}"
  if [ -d "$R/run/systemd/system" ]; then mc_say "fact init systemd"; else mc_say "fact init other"; fi
  be_facts </dev/null
  mc_ok
}

mc_manifest() {
  mc_need_word "$1"
  [ -f "$S/generations/$1/manifest.json" ] || die missing "no generation $1"
  sed 's/^/json /' "$S/generations/$1/manifest.json" || die internal "cannot read the manifest of $1"
  mc_ok
}

# A text on standard input without the values of `secret = …` and the like (swanctl.conf): all of a value, also one of several
# words, with escaped quotes, or that goes on in the next lines. What else stands in a line stays, and so do line numbers.
mc_mask() {
  LC_ALL=C awk '
    # Where the quoted string ends that s is the inside of; 0 where it goes on in the next line.
    function closing(s,  i, c) {
      for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c == "\\") i++
        else if (c == "\"") return i
      }
      return 0
    }
    # What stands behind the value that s begins with. A comment there may be an older value.
    function behind(s,  at) {
      while ((at = match(s, /["#}]/)) > 0) {
        if (substr(s, at, 1) == "#") return ""
        if (substr(s, at, 1) == "}") return substr(s, at)
        s = substr(s, at + 1)
        at = closing(s)
        if (!at) { inside = 1; return "" }
        s = substr(s, at + 1)
      }
      return ""
    }
    {
      line = $0
      out = ""
      if (inside) {
        at = closing(line)
        if (!at) { print ""; next }
        inside = 0
        line = behind(substr(line, at + 1))
      }
      while (match(line, /(secret|pin|[Pp]assw(or)?d|[Pp]assphrase)[ \t]*=/)) {
        out = out substr(line, 1, RSTART + RLENGTH - 1) " \"x\""
        line = behind(substr(line, RSTART + RLENGTH))
      }
      print out line
    }'
}

# Likewise without what other files have of that kind: keys of setkey.conf, secrets of racoon.conf's servers, private keys.
mc_mask_all() {
  mc_mask | LC_ALL=C awk '
    /-----BEGIN .*PRIVATE KEY/ { print; pem = 1; next }
    /-----END .*PRIVATE KEY/ { pem = 0 }
    pem { print "..."; next }
    {
      if (sa) {  # the rest of an `add` of several lines
        if (!(at = index($0, ";"))) { print "..."; next }
        $0 = "..." substr($0, at)
        sa = 0
      }
      if (match($0, /(^|[ \t])-[EA][ \t]+[A-Za-z0-9_-]+/)) {
        rest = substr($0, RSTART + RLENGTH)
        sa = !(at = index(rest, ";"))
        $0 = substr($0, 1, RSTART + RLENGTH - 1) " ..." (at ? substr(rest, at) : "")
      }
      if (match($0, /(^|[ \t{;])(bind_pw|auth|acct)[ \t]+"?/)) $0 = substr($0, 1, RSTART + RLENGTH - 1) "..."
      gsub(/0[xX][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]+/, "0x...")
      print
    }'
}

# GENERATION PATH…: live files (of which generation matters on Windows). What looks like a key is masked: files that hold
# none of ours may hold somebody else's.
mc_show() {
  shift
  for path in "$@"; do
    case $path in
      *[!A-Za-z0-9._/@+-]* | [!/]*) die internal "not a path: $path" ;;
    esac
    if [ -L "$R$path" ] || [ ! -f "$R$path" ]; then
      mc_say "gone $path"
    elif [ "$(wc -c <"$R$path")" -gt 131072 ]; then
      mc_say "large $path"
    else
      mc_mask_all <"$R$path" |
        awk -v path="$path" '{ print "content " path " " $0 }'
    fi
  done
  mc_ok
}

# Seconds until the dead-man timer of the transaction that holds the lock reverts it, if it is armed.
mc_timer_left() {
  mc_use "$lock_txn"
  mc_state
  [ "$state" = armed ] || return 0
  mc_first "$T/deadline"
  left=$((${line:-0} - now))
  [ "$lock_boot" = "$boot" ] && [ "$left" -gt 0 ] || left=0
  mc_say "timer $left"
}

mc_status() {
  mc_now
  for name in current trial; do
    mc_first "$S/$name"
    mc_say "$name ${line:--}"
  done
  mc_read_lock
  mc_say "lock ${lock_txn:--}"
  [ -z "$lock_txn" ] || mc_timer_left
  mc_first "$S/trial"
  [ -n "$line" ] || mc_first "$S/current"
  case $line in
    '' | original) ;;
    *)
      GEN=$S/generations/$line
      be_status "$GEN" </dev/null
      mc_firewall_lacks "$GEN"
      [ -z "$lost" ] || mc_say "health firewall ${lost%%"$NL"*}: 'meshctl apply' puts it back"
      ;;
  esac
  mc_first "$S/boot-failed"
  [ -z "$line" ] || mc_say "health boot $line"
  mc_ok
}

# ---------------------------------------------------------------------------------------------------- verbs that write

# TXN ID: folders, mutex, lock, and what this transaction is about. From here on a failure leaves nothing behind.
mc_begin() {
  mc_need_word "$1"
  mc_need_word "$2"
  err=$(mkdir -p "$S/generations" "$S/txn/$1" 2>&1) || mc_die_write "$err"
  mc_use "$1"
  mc_on_fail=mc_forget
  for tool in flock setsid timeout tar sha256sum; do
    command -v "$tool" >/dev/null || die missing "$tool is not installed on this host"
  done
  { true >>"$S/mutex"; } 2>/dev/null || die space "cannot write in $S"
  mc_mutex 20 || die locked "another call is at work"
  mc_state
  case $state in
    none) ;;
    expired | reverted) die expired "$1 was reverted" ;;
    abandoned) die expired "$1 was abandoned" ;;
    *) die state "$1 is already $state" ;;
  esac
  mc_take_lock
  mc_on_fail=mc_release
  mc_first "$S/current"
  from=${line:--} gen=$2
  # shellcheck disable=SC2015
  { printf '%s\n' "$from" >"$T/from" && printf '%s\n' "$gen" >"$T/gen"; } 2>/dev/null || die space "cannot write in $T"
  mc_use "$1"
  [ -z "$OLD" ] || [ -d "$OLD" ] || die missing "generation $from is gone"
}

mc_stage() {
  mc_begin "$1" "$2"
  case $3 in *[!0-9a-f]* | '') die digest "not a SHA-256: $3" ;; esac
  new=$S/generations/.new-$TXN
  # The same call, from a session that was lost
  mc_stop_worker "$T/staging"
  [ ! -e "$new" ] || rm -rf "$new"
  err=$(mkdir "$new" 2>&1) || mc_die_write "$err"
  mc_start_of $$
  { printf '%s %s\n' "$$" "$start" >"$T/staging"; } 2>/dev/null || die space "cannot write in $T"
  staging="$$ $start"
  exec 9>&- # I1
  # The tar stream is what is left of standard input. As long as the lock lasts.
  err=$(mc_limit 900 tar -xof - --no-same-permissions -C "$new" 2>&1) || mc_die_write "$err"
  mc_mutex 20 || die locked "another call is at work"
  mc_read_lock
  mc_first "$T/staging"
  [ "$line" = "$staging" ] && [ "$lock_txn" = "$TXN" ] || die expired "$1 was abandoned while it was staged"
  staging=
  mc_intact "$new" "$3" || die digest "$err"
  mc_check_lists "$new"
  mc_same_backend "$new"
  err=$(sync -f "$new" 2>&1) || mc_die_write "$err"
  if [ -e "$NEW" ]; then
    if mc_intact "$NEW" "$3"; then
      rm -rf "$new"
      mc_staged
    fi
    # Damaged on the disk: only the name matters, so the good one takes it.
    rm -rf "$S/generations/.bad-$TXN" && mv "$NEW" "$S/generations/.bad-$TXN" || die internal "cannot replace $NEW"
  fi
  err=$(mv "$new" "$NEW" 2>&1) || mc_die_write "$err"
  mc_staged
}

# A rehearsal has shown what it was to show: it leaves nothing, and no lock if its controller dies.
mc_staged() {
  rm -f "$T/staging"
  [ "$verb" != rehearse ] || mc_drop
  mc_ok
}

mc_reuse() {
  mc_begin "$1" "$2"
  [ "$gen" != original ] || { mc_need_original && mc_ok; }
  [ -e "$NEW/SHA256SUMS" ] || die missing "no generation $2"
  mc_intact "$NEW" '' || die digest "$err"
  mc_check_lists "$NEW"
  mc_same_backend "$NEW"
  mc_ok
}


# Prints the rules that give packets for this host another destination, as `dnat RULE`: such a packet is forwarded, and
# no policy of a link between two hosts is asked for it. The controller knows whether that matters here.
mc_redirects() {
  {
    mc_limit 20 nft list ruleset
    # What the kernel has from before nftables, nft does not show, nor does an iptables-save that is made of nft.
    for family in ip ip6; do
      mc_first "/proc/net/${family}_tables_names" # its size is always 0
      [ -z "$line" ] || mc_limit 20 "${family}tables-legacy-save" -t nat || mc_limit 20 "${family}tables-save" -t nat
    done
  } 2>/dev/null |
    sed -n -e 's/^[[:blank:]]*//' -e '/[[:blank:]]"\{0,1\}\([Dd][Nn][Aa][Tt]\|[Rr][Ee][Dd][Ii][Rr][Ee][Cc][Tt]\)\([[:blank:]"]\|$\)/s/^/dnat /p' |
    cut -c 1-300 | head -n 20
}

mc_check() {
  mc_need_lock "$1"
  mc_need_new
  # What was there before is not ours to judge.
  [ -z "$NEW" ] || mc_redirects </dev/null
  [ -z "$NEW" ] || mc_check_firewall "$NEW" </dev/null
  [ -z "$NEW" ] || be_check "$NEW" "$OLD" </dev/null
  mc_ok
}

mc_arm() {
  case $2 in '' | *[!0-9]* | ??????*) die internal "not a number of seconds: $2" ;; esac
  mc_mutex 20 || die locked "another call is at work"
  mc_need_lock "$1"
  mc_state
  case $state in
    none) ;;
    armed) mc_first "$T/deadline" && mc_say "deadline $line" && mc_ok ;;
    confirmed) die state "$1 is already confirmed" ;;
    *) die expired "$1 was reverted" ;;
  esac
  mc_need_new
  [ -n "$meshctl_text" ] || die internal "the agent's text is not known"
  mc_save_originals
  mc_save_kernel
  { printf '%s\n' "$meshctl_text" >"$S/.agent.new"; } 2>/dev/null && mv -f "$S/.agent.new" "$S/agent.sh" ||
    die space "cannot write $S/agent.sh"
  mc_boot_recovery
  mc_now
  # An earlier attempt's dead man reads this file, too: it cannot fire early.
  deadline=$((now + $2))
  # shellcheck disable=SC2015
  { printf '%s\n' "$deadline" >"$T/deadline" && printf '%s\n' "$gen" >"$S/.trial.new" && true >"$T/arming"; } 2>/dev/null &&
    mv -f "$S/.trial.new" "$S/trial" || die space "cannot write in $S"
  mc_write_lock $(($2 + 60))
  mc_start_dead_man
  # I3: all of it durable, on the file systems of the state and of the boot unit, before the name `armed` is.
  sync -f "$S" "${R:-/}/etc" || die internal "cannot sync"
  mv "$T/arming" "$T/armed" && sync -f "$S" || die internal "cannot arm"
  mc_say "deadline $deadline"
  mc_ok
}

# Between two steps: did the dead man or the controller take the change away from us?
mc_still_armed() {
  mc_state
  case $state in
    armed) mc_say "step $1" ;;
    *) die expired "the change was reverted before step $1" ;;
  esac
}

mc_activate() {
  trap '' HUP PIPE
  mc_mutex 60 || die locked "another call is at work"
  mc_need_lock "$1"
  mc_need_new
  mc_state
  case $state in
    armed) ;;
    none) die state "$1 is not armed" ;;
    confirmed) mc_ok ;;
    *) die expired "$1 was reverted" ;;
  esac
  mc_need_dead_man
  bad=
  mc_start_of $$
  printf '%s %s\n' "$$" "$start" >"$T/pid" || mc_die_write ''
  if [ ! -e "$T/activated" ]; then
    mc_still_armed protect
    mc_try protect be_protect "$BASE" "$NEW" || die "$step_reason" "$step_text"
    mc_still_armed files
    mc_try files mc_put_files "$NEW" "$OLD" || die "$step_reason" "$step_text"
    mc_try firewall mc_firewall "$BASE" "$NEW" || die "$step_reason" "$step_text"
    mc_still_armed reload
    mc_try reload mc_reload "$BASE" "$NEW" || die "$step_reason" "$step_text"
    mc_still_armed retire
    mc_try retire be_retire "$BASE" "$NEW" || die "$step_reason" "$step_text"
  fi
  mc_still_armed verify
  [ -z "$NEW" ] || mc_try verify be_verify "$NEW" || die "$step_reason" "$step_text"
  { true >"$T/activated"; } 2>/dev/null || die space "cannot write in $T"
  mc_ok
}

# Peers whose link differs between BASE and NEW, in $peers, framed by blanks: manifest.json has one line a link.
mc_changed_peers() {
  for GEN in "$BASE" "$NEW"; do
    sed -n '/^ *{"peer": /{s/,$//;p}' "$GEN/manifest.json" | sort >"$T/links.${GEN##*/}"
  done
  peers=" $(comm -13 "$T/links.$from" "$T/links.$gen" | sed 's/^[^:]*: *"\([^"]*\)".*/\1/' | tr '\n' ' ')"
  rm -f "$T/links.$from" "$T/links.$gen"
}

# Uses the links that changed: all of a generation that is new or put back over drift, and all where something else than
# links changed (templates, an explicit key), since nothing says then which of them that touches.
mc_links() {
  mc_need_lock "$1"
  mc_need_dead_man
  [ -n "$NEW" ] || mc_ok
  peers=' '
  [ -z "$BASE" ] || mc_changed_peers
  while read -r peer rest; do
    case $peers in ' ' | *" $peer "*) printf '%s %s\n' "$peer" "$rest" ;; esac
  done <"$NEW/links.list" >"$T/links"
  be_links "$NEW" <"$T/links"
  mc_ok
}

mc_confirm() {
  trap '' HUP PIPE
  mc_need_word "$1"
  mc_use "$1"
  [ -d "$T" ] || die missing "no transaction $1 on this host"
  mc_mutex 20 || die locked "another call is at work"
  [ -e "$T/activated" ] || { mc_state && [ "$state" != armed ] && [ "$state" != none ]; } || die state "$1 is not activated"
  mc_leave_armed confirmed
  case $state in
    confirmed) ;;
    none) die state "$1 is not armed" ;;
    armed) die internal "cannot rename in $T" ;;
    *) die expired "$1 was reverted" ;;
  esac
  mc_read_lock
  [ "$lock_txn" != "$1" ] || mc_finish_confirm
  mc_ok
}

mc_revert() {
  trap '' HUP PIPE
  mc_need_word "$1"
  mc_use "$1"
  [ -d "$T" ] || die missing "no transaction $1 on this host"
  mc_leave_armed reverted
  case $state in
    confirmed) die state "$1 is already confirmed" ;;
    none) die state "$1 is not armed: abandon it" ;;
  esac
  mc_mutex_for_back
  mc_read_lock
  if [ "$lock_txn" = "$1" ]; then
    mc_settle "$1" || die activate "not all is back (${bad# }): $step_text; the host keeps trying, see $LOG"
  fi
  mc_probe
}

mc_abandon() {
  mc_need_word "$1"
  mc_use "$1"
  [ -d "$S" ] || mc_probe
  mc_mutex 20 || die locked "another call is at work"
  mc_use "$1"
  mc_state
  case $state in
    none)
      mc_drop
      # A `stage` whose shell has not begun yet must not take the lock after this.
      { mkdir "$T" && true >"$T/abandoned"; } 2>/dev/null || :
      ;;
    armed | confirmed) die state "$1 is $state" ;;
    *)
      mc_read_lock
      [ "$lock_txn" != "$1" ] || mc_settle "$1" || die activate "not all is back: $step_text"
      ;;
  esac
  mc_probe
}

# The dead man. Waits for the deadline, then makes sure that the transaction comes to an end, however long that takes; ends
# when somebody else brought it there (I5: the lock is another's, or gone).
mc_expire() {
  trap '' HUP PIPE INT
  mc_need_word "$1"
  pause=1
  mc_use "$1"
  mc_name_loop
  while :; do
    mc_use "$1"
    mc_read_lock
    [ "$lock_txn" = "$1" ] || exit 0
    mc_now
    mc_first "$T/deadline"
    # Another boot's deadline has passed.
    [ "$lock_boot" = "$boot" ] || line=0
    left=$((${line:-0} - now))
    if [ "$left" -gt 0 ]; then
      # Short sleeps: a suspended machine's sleep(1) does not count the time, /proc/uptime does.
      [ "$left" -le 5 ] || left=5
      sleep "$left"
      continue
    fi
    mc_leave_armed expired
    mc_mutex_for_back
    mc_read_lock
    # In a subshell: a `die` on the way must not end the retries.
    if [ "$lock_txn" != "$1" ] || (mc_settle "$1"); then exit 0; fi
    exec 9>&-
    sleep "$pause"
    [ "$pause" -ge 60 ] || pause=$((pause * 2))
  done
}

# Before the network, racoon, setkey and strongSwan: an unfinished transaction is led to its end, then policies are loaded.
mc_boot() {
  [ -d "$S" ] || exit 0
  failed=
  mc_read_lock
  [ -z "$lock_txn" ] || mc_boot_settle
  mc_firewall_at_boot
  if ! mc_load_current; then
    failed=yes
    echo "meshctl: $step_text" >&2
    mc_loop_lives || mc_start_loop meshctl-boot-again boot-again || echo "meshctl: nothing repeats that" >&2
  fi
  [ -z "$failed" ]
  exit
}

# Loads what `current` has. What the kernel does not take is in $step_text, and where `status` finds it.
mc_load_current() {
  mc_first "$S/current"
  [ -n "$line" ] || return 0
  GEN=$S/generations/$line T=$S/txn/.boot LOG=$S/txn/.boot/log
  mkdir -p "$T" 2>/dev/null && true >"$LOG"
  if mc_try boot be_boot "$GEN"; then
    rm -f "$S/boot-failed" 2>/dev/null || :
    return 0
  fi
  { printf '%s\n' "$step_text" >"$S/boot-failed"; } 2>/dev/null || :
  return 1
}

# Repeats what boot could not load, until the kernel has all of it. A transaction at work is left alone: it loads and reads
# back by itself.
mc_boot_again() {
  trap '' HUP PIPE INT
  T=$S/txn/.boot pause=1
  mc_name_loop
  while :; do
    sleep "$pause"
    [ "$pause" -ge 60 ] || pause=$((pause * 2))
    # A disk that takes nothing has no transaction, either.
    mc_mutex 5 || [ ! -w "$S" ] || continue
    mc_read_lock
    if [ -z "$lock_txn" ] && mc_load_current; then
      echo "meshctl: all is loaded now" >&2
      exit 0
    fi
    exec 9>&-
  done
}

mc_boot_settle() {
  mc_use "$lock_txn"
  mc_state
  # In this very boot, a lock with nothing armed belongs to a controller at work.
  [ "$state" != none ] || [ "$lock_boot" != "$boot" ] || return 0
  mc_leave_armed expired
  mc_mutex_for_back
  mc_read_lock
  [ -n "$lock_txn" ] || return 0
  (mc_settle "$lock_txn") && return
  failed=yes
  echo "meshctl: $TXN cannot be reverted yet; see $LOG" >&2
  # The disk may be full or still read-only. The retries need no controller.
  (mc_start_dead_man) || :
}

# For a person on the console. Does all it can, says what it could not.
mc_break_glass() {
  trap '' HUP PIPE
  [ -d "$S" ] || die missing "nothing of meshctl is here"
  bad=
  mc_use .break-glass
  mkdir -p "$T"
  mc_read_lock
  [ -z "$lock_txn" ] || { mc_use "$lock_txn" && mc_leave_armed reverted; }
  mc_mutex_for_back
  mc_read_lock
  if [ -n "$lock_txn" ]; then
    echo "reverting or finishing $lock_txn"
    (mc_settle "$lock_txn") || echo "not complete, see $LOG" >&2
  fi
  mc_use .break-glass
  mkdir -p "$T"
  mc_first "$S/current" && from=$line gen=-
  [ -n "$from" ] || { echo "meshctl manages nothing here now" && exit 0; }
  OLD=$S/generations/$from
  case ${1:-} in
    '') mc_glass_current ;;
    original) mc_glass_original ;;
    *) echo "usage: break-glass [original]" >&2 && exit 1 ;;
  esac
  [ -z "$bad" ] || { echo "failed:$bad; details in $LOG" >&2 && exit 1; }
  echo "done"
  exit 0
}

mc_glass_current() {
  echo "restoring the confirmed generation $from"
  mc_try protect be_protect '' "$OLD" || :
  mc_try files mc_put_files "$OLD" '' || :
  mc_try firewall mc_firewall '' "$OLD" || :
  mc_try reload be_reload '' "$OLD" || :
  [ -n "$bad" ] || mc_try verify be_verify "$OLD" || :
}

mc_glass_original() {
  echo "putting back what was there before meshctl came"
  mc_try protect be_protect "$OLD" '' || :
  mc_try files mc_put_files '' "$OLD" || :
  mc_try firewall mc_firewall "$OLD" '' || :
  mc_try reload mc_reload "$OLD" '' || :
  mc_try retire be_retire "$OLD" '' || :
  [ -z "$bad" ] || return 0
  mc_history original
  sync -f "$S" && rm -f "$S/current" "$S/previous" "$S/trial" "$S/lock" "$S/boot-failed"
}

# ---------------------------------------------------------------------------------------------------- entry

meshctl_main() {
  set -u
  umask 077
  LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}
  export LC_ALL PATH
  IFS=' 	
'
  NL='
'
  S=${MESHCTL_STATE:-/var/lib/meshctl} R=${MESHCTL_ROOT:-}
  mc_on_fail='' mc_fail_file='' connection='' bad='' step_text='' err='' lock_boot='' LOG=/dev/null staging='' safe=$NL
  T=$S/txn/.boot limit=${MESHCTL_LIMIT:-60}
  # Sent over SSH, $0 is the word meshctl and the first argument the session's addresses. Run as a file, it is neither.
  if [ "$0" = meshctl ]; then
    connection=${1:-} && shift
  fi
  : "${meshctl_text:=}"
  mc_boot_id
  verb=${1:-} && [ $# -eq 0 ] || shift
  case $verb:$# in
    probe:0) mc_probe ;;
    facts:0) mc_facts ;;
    status:0) mc_status ;;
    manifest:1) mc_manifest "$1" ;;
    show:*) mc_show "$@" ;;
    stage:3 | rehearse:3) mc_stage "$1" "$2" "$3" ;;
    reuse:2) mc_reuse "$1" "$2" ;;
    check:1) mc_check "$1" ;;
    arm:2) mc_arm "$1" "$2" ;;
    activate:1) mc_activate "$1" ;;
    links:1) mc_links "$1" ;;
    confirm:1) mc_confirm "$1" ;;
    revert:1) mc_revert "$1" ;;
    abandon:1) mc_abandon "$1" ;;
    expire:1) mc_expire "$1" ;;
    boot:0) mc_boot ;;
    boot-again:0) mc_boot_again ;;
    break-glass:*) mc_break_glass "$@" ;;
    *) die internal "unknown call: $verb with $# arguments" ;;
  esac
}
