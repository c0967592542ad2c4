# shellcheck shell=sh disable=SC2015 # `A && B || C` is meant: C also when B fails
# racoon hosts: the back end functions of docs/transaction.md. They stand behind src/apply/agent.sh, which gives die(),
# `set -u`, PATH and umask 077.
#
# What is believed here, and why:
#   - setkey exits 0 when the kernel refuses a command, so its messages count, and policies are read back afterwards.
#   - Policies are compared as lines. setkey.conf has one canonical `spdupdate` a line, and rk_kernel prints what the
#     kernel has in the same form. So each step is computed from what is there, whatever was there before.
#   - `setkey -D` prints keys, and setkey-sa.conf holds some. Both go through pipes to awk and setkey, and nowhere else.
#   - racoon flushes all SAs when it ends, keys by hand included: they are loaded again behind every start.

RK_CONF=/etc/racoon/racoon.conf
RK_SAS=/etc/racoon/setkey-sa.conf
RK_ROUTES=/etc/racoon/routes.sh
RK_ROAMING=/etc/racoon/roaming.sh
RK_CERTS=/etc/racoon/certs
RK_PID=/var/run/racoon.pid

# Blocks of what the kernel does not take: behind all else, bypasses too. No generation has a policy of this priority.
RK_BLOCK='low - 700000000'
RK_BLOCK_NUMBER=3921225472

rk_setkey_conf() { printf '%s/files/etc/racoon/setkey.conf' "$1"; }

# The policies of generation $1; nothing when it is empty or has none.
rk_wanted() {
  [ -n "$1" ] || return 0
  rk_file=$(rk_setkey_conf "$1")
  [ ! -f "$rk_file" ] || sed -n '/^spdupdate /p' "$rk_file"
}

# And those of roaming.sh, whose local end is the address of the moment.
rk_wanted_now() {
  rk_wanted "$1"
  [ -z "$1" ] || rk_wanted_roaming "$1"
}

# What the kernel has, in setkey.conf's form. Sockets' own policies and the fwd copies that Linux makes of `in` are
# left out.
rk_kernel() {
  mc_run setkey -DP | awk '
    BEGIN {
      number["tcp"] = "tcp"; number["6"] = "tcp"; number["any"] = number["255"] = "any"
      number["icmp6"] = number["ipv6-icmp"] = number["58"] = "icmp6"
      number["icmp"] = "1"; number["udp"] = "17"
      while ((getline line < "/etc/protocols") > 0) {
        n = split(line, f)
        if (n >= 2 && f[1] !~ /^#/ && !(f[1] in number)) number[f[1]] = (f[2] in number) ? number[f[2]] : f[2]
      }
    }
    function show() {
      if (head != "" && (dir == "in" || dir == "out")) print "spdupdate " head " -P " dir " prio " rest ";"
      head = ""
    }
    /^[^ \t]/ {
      show()
      if ($1 == "(per-socket" || NF < 3) next
      for (i = 1; i <= 2; i++) sub(/\[any\]$/, "", $i)
      head = $1 " " $2 " " (($3 in number) ? number[$3] : $3) (NF > 3 && $4 != "0,0" ? " " $4 : "")
      dir = ""
      next
    }
    head == "" { next }
    dir == "" {
      dir = $1
      rest = "0"
      for (i = 2; i <= NF; i++) rest = (i == 2) ? "" : rest (i > 3 ? " " : "") $i
      if ($2 != "prio") rest = "0 " $2
      next
    }
    /^\t(esp|ah|ipcomp)\// { rest = rest " " $1 }
    END { show() }'
}

# The kernel's policies that are not ours, and if there are any those of generation $1, for mc_ahead. $2: a generation
# that is to go. Ours are also those of their selectors, which an update replaces, what roaming.sh loads (LOCAL stands
# for an address), and what racoon makes for peers of unknown address, at `def` itself, where no link of ours has its
# policies.
rk_others() {
  {
    rk_wanted "$1" && echo ---
    rk_wanted "${2-}"
    cat "$1/files$RK_ROAMING" "${2:-$1}/files$RK_ROAMING" 2>/dev/null
    grep -hs 'generate_policy' "$1/files$RK_CONF" "${2:-$1}/files$RK_CONF"
    echo ---
    rk_kernel
  } | LC_ALL=C awk '
    function key(line) { sub(/ prio .*/, "", line); return line }
    # The fields of a line from roaming.sh, each as it is or with an address for LOCAL.
    function roams(line,  w, f, i, n, at, good) {
      n = split(key(line), f, " ")
      for (i = 1; i <= roaming; i++) {
        good = split(roamer[i], w, " ") == n
        for (k = 1; good && k <= n; k++) {
          at = index(w[k], "LOCAL")
          good = at ? index(f[k], substr(w[k], 1, at - 1)) == 1 : w[k] == f[k]
        }
        if (good) return 1
      }
      return 0
    }
    function port(net) { return match(net, /\[[0-9]+\]$/) ? substr(net, RSTART + 1, RLENGTH - 2) : 0 }
    function show(what, line, text,  w, i, sport, dport, prio) {
      split(line, w, " ")
      sport = port(w[2]); sub(/\[.*/, "", w[2])
      dport = port(w[3]); sub(/\[.*/, "", w[3])
      i = 5
      if (w[i] != "-P") { split(w[i++], type, ","); sport = type[1]; dport = type[2] }
      prio = (w[i + 3] in base) ? base[w[i + 3]] : w[i + 3]
      if (w[i + 4] == "+") prio -= w[i + 5]
      if (w[i + 4] == "-") prio += w[i + 5]
      print what, w[i + 1], sprintf("%.0f", prio), w[2], w[3], (w[4] in number) ? number[w[4]] : w[4], sport, dport text
    }
    BEGIN {
      base["high"] = 1073741824; base["def"] = 2147483648; base["low"] = 3221225472
      number["any"] = 0; number["tcp"] = 6; number["icmp6"] = 58
    }
    $0 == "---" { part++; next }
    part < 2 && /^spdupdate / {
      own[key($0)]
      if (!part && !/ none;$/) want[++wants] = $0
      next
    }
    part < 2 && /generate_policy +(on|unique|require)/ { generates = 1 }
    part < 2 && sub(/^.*spdupdate /, "spdupdate ") && /LOCAL/ { roamer[++roaming] = key($0) }
    part < 2 || (key($0) in own) || roams($0) { next }
    generates && / prio def ipsec / { next }
    {
      if (!others++) for (i = 1; i <= wants; i++) show("ours", want[i], "")
      line = $0
      sub(/^spdupdate /, "", line)
      show("other", $0, " " line)
    }'
}

# Commands $1 for one setkey. Every message of setkey is a failure, since its exit status is not enough; it is in $rk_said.
# After one that it cannot read setkey does none of the rest. Status 124 or 137: it hung.
rk_load() {
  rk_said=$(printf '%s\n' "$1" | mc_run setkey -f - 2>&1)
  set -- $?
  [ "$1" = 0 ] || rk_said=${rk_said:-setkey: failed}
  [ -n "$rk_said" ] || return 0
  printf '%s\n' "$rk_said"
  [ "$1" != 0 ] && return "$1" || return 1
}

# Policies of generation $1 that the kernel lacks: protecting ones first, holes last.
rk_lacking() {
  { rk_kernel && echo --- && rk_wanted "$1"; } | awk '
    $0 == "---" { wanted = 1; next }
    !wanted { have[$0]; next }
    $0 in have { next }
    / none;$/ { hole[++holes] = $0; next }
    { print }
    END { for (i = 1; i <= holes; i++) print hole[i] }'
}

# Each policy of generation $1 is tried, whatever becomes of the others.
rk_load_policies() {
  rk_lines=$(rk_lacking "$1")
  [ -n "$rk_lines" ] || return 0
  rk_load "$rk_lines" || :
  rk_lines=$(rk_lacking "$1")
  [ -n "$rk_lines" ] || return 0
  mc_each rk_load "$rk_lines"
  rk_lines=$(rk_lacking "$1")
  [ -n "$rk_lines" ] || return 0
  rk_bad="$rk_bad; the kernel does not take the policy: ${rk_lines%%"$NL"*}${rk_said:+ (${rk_said%%"$NL"*})}"
  # A run that is to be reverted cuts nobody off.
  [ "${verb-}" = activate ] || rk_block "$1"
}

# Policies of generation $1 that protect traffic of `require` links or drop it, while the kernel has nothing for it that
# does: that traffic may leave in clear.
rk_open() {
  rk_shown=$(rk_kernel)
  [ -n "$rk_shown" ] || ! rk_ip_blocks "$1" || return 0
  { printf '%s\n---\n' "$rk_shown" && rk_wanted "$1"; } | awk '
    function key(line) { sub(/ prio .*/, "", line); return line }
    function wide(line,  w, i) {
      split(line, w, " ")
      for (i = 2; i <= 3; i++) sub(/\[[0-9]+\]$/, "", w[i])
      match(line, / -P [a-z]+/)
      return "spdupdate " w[2] " " w[3] " any" substr(line, RSTART, RLENGTH)
    }
    function guards(line) { return line ~ /\/require|\/unique| discard;$/ }
    $0 == "---" { wanted = 1; next }
    !wanted { if (guards($0)) have[key($0)]; next }
    guards($0) && !(key($0) in have) && !(wide($0) in have)'
}

# Policies of generation $1 that the kernel lacks, as `open A B` or `missing A B` for mc_mark_links. A tunnel's selectors are
# nets: the two ends are those of the request. What stands for the links of road warriors is cut into parts (docs/backend-racoon.md,
# "Ends of unknown address"): a part is of all such links of its family. Behind what roaming.sh loads there are such blocks.
rk_missing_by_pair() {
  rk_shown=$(rk_kernel)
  rk_blocked=
  [ -n "$rk_shown" ] || ! rk_ip_blocks "$1" || rk_blocked=yes
  {
    cat "$1/links.list" 2>/dev/null
    printf -- '---\n%s\n---\n' "$rk_shown"
    rk_wanted "$1"
    echo ---
    rk_wanted_roaming "$1"
  } | LC_ALL=C awk -v blocked="$rk_blocked" '
    function key(line) { sub(/ prio .*/, "", line); return line }
    function bare(net) { sub(/\[[0-9]+\]$/, "", net); return net }
    function wide(line,  w) {
      split(line, w, " ")
      match(line, / -P [a-z]+/)
      return "spdupdate " bare(w[2]) " " bare(w[3]) " any" substr(line, RSTART, RLENGTH)
    }
    function guards(line) { return line ~ / ipsec | discard;$/ }
    function ends(line,  w, t) {
      split(line, w, " ")
      if (match(line, /\/tunnel\/[^\/]+\//)) {
        split(substr(line, RSTART + 8, RLENGTH - 9), t, "-")
        outside[bare(w[2]) " " bare(w[3])] = t[1] " " t[2]
      }
      if ((bare(w[2]) " " bare(w[3])) in outside) return outside[bare(w[2]) " " bare(w[3])]
      return bare(w[2]) " " bare(w[3])
    }
    function unknown(address) { return address == "0.0.0.0" || address == "::" }
    $0 == "---" { part++; next }
    part == 0 {
      row = $2 " " $3 "\n"
      if (unknown($2) || unknown($3)) roads[row ~ /:/] = roads[row ~ /:/] row
      if (unknown($2)) gateway[$3] = row
      next
    }
    part == 1 { have[$0]; if (guards($0)) guarded[key($0)]; next }
    { all[++n] = $0; ends($0); if (part == 3 && / ipsec /) behind[n] }
    END {
      for (i = 1; i <= n; i++) {
        line = all[i]
        if (line in have) continue
        free = guards(line) && !blocked && !(i in behind) && !(key(line) in guarded) && !(wide(line) in guarded)
        pairs = ends(line) "\n"
        split(pairs, end, /[ \n]/)
        if (line ~ / prio low /) pairs = roads[line ~ /:/]
        else if (end[1] in gateway) pairs = gateway[end[1]]
        else if (end[2] in gateway) pairs = gateway[end[2]]
        count = split(pairs, pair, "\n")
        for (p = 1; p < count; p++) print (free ? "open" : "missing"), pair[p]
      }
    }'
}

# What kernel and daemon lack of generation $1.
be_lacks() {
  rk_compare "$1"
  [ "$rk_missing" = 0 ] || mc_say "lacks policies $rk_missing"
  rk_compare_sas "$1"
  [ "$rk_missing_sas" = 0 ] || mc_say "lacks sas $rk_missing_sas"
  [ ! -f "$1/files$RK_CONF" ] || rk_running || mc_say "lacks daemon 1"
}

# Blocks what would be open: the same packets, or where the kernel does not take that selector all between the two. Where
# setkey shows nothing, since it does not work at all, `ip` does it, with the bypasses. What is not taken either stays
# open, and nothing else is cut off.
rk_block() {
  rk_lines=$(rk_open "$1")
  [ -n "$rk_lines" ] || return 0
  mc_each rk_load "$(printf '%s\n' "$rk_lines" | sed "s/ prio .*/ prio $RK_BLOCK discard;/")"
  rk_lines=$(rk_open "$1")
  [ -z "$rk_lines" ] || mc_each rk_load "$(printf '%s\n' "$rk_lines" |
    sed "s/\[[0-9]*\]//g; s/^\(spdupdate [^ ]* [^ ]*\) .*\( -P [a-z]*\) .*/\1 any\2 prio $RK_BLOCK discard;/" | sort -u)"
  [ -n "$(rk_kernel)" ] || rk_block_by_ip "$1"
  rk_lines=$(rk_open "$1")
  if [ -z "$rk_lines" ]; then
    rk_bad="$rk_bad; its traffic is blocked"
  else
    rk_bad="$rk_bad; open, its traffic may pass in clear: ${rk_lines%%"$NL"*}"
  fi
}

# The policies of generation $1 as `ip` takes them: bypasses, and a block for what a `require` link protects.
rk_as_ip() {
  rk_wanted "$1" | awk -v block="$RK_BLOCK_NUMBER" '
    BEGIN {
      base["high"] = 1073741824; base["def"] = 2147483648; base["low"] = 3221225472
      number["tcp"] = 6; number["icmp6"] = 58
    }
    function bare(net) { sub(/\[.*/, "", net); return net }
    function port(word, net) { return match(net, /\[[0-9]+\]$/) ? " " word " " substr(net, RSTART + 1, RLENGTH - 2) : "" }
    {
      sub(/;$/, "")
      split($0, w, " ")
      sel = "src " bare(w[2]) " dst " bare(w[3])
      i = 5
      if (w[4] != "any") sel = sel " proto " ((w[4] in number) ? number[w[4]] : w[4]) port("sport", w[2]) port("dport", w[3])
      if (w[5] != "-P") { split(w[i++], type, ","); sel = sel " type " type[1] (type[2] > 0 ? " code " type[2] : "") }
      prio = base[w[i + 3]]
      if (w[i + 4] == "+") prio -= w[i + 5]
      if (w[i + 4] == "-") prio += w[i + 5]
      if (/ none$/) act = sprintf("%.0f action allow", prio)
      else if (/ discard$|\/require|\/unique/) act = block " action block"
      else next
      print "xfrm policy update " sel " dir " w[i + 1] " priority " act
      if (w[i + 1] == "in") print "xfrm policy update " sel " dir fwd priority " act
    }'
}

rk_block_by_ip() {
  rk_lines=$(rk_as_ip "$1")
  printf '%s\n' "$rk_lines" | sed '/ action allow$/!d' | mc_run ip -force -batch - 2>&1 || :
  printf '%s\n' "$rk_lines" | sed '/ action allow$/d' | mc_run ip -force -batch - 2>&1 || :
}

# True where the kernel has the blocks that rk_block_by_ip loads.
rk_ip_blocks() {
  command -v ip >/dev/null || return 1
  rk_count=$(rk_as_ip "$1" | grep -c ' action block$')
  [ "$rk_count" -gt 0 ] && [ "$rk_count" -le "$(mc_run ip -o xfrm policy list 2>/dev/null | grep -c "block priority $RK_BLOCK_NUMBER ")" ]
}

# Blocks go when the kernel has all of $1. One of the same selector was replaced by its policy before.
rk_unblock() {
  [ -z "$(rk_lacking "$1")" ] || return 0
  ! command -v ip >/dev/null || mc_run ip xfrm policy deleteall action block priority "$RK_BLOCK_NUMBER" >/dev/null 2>&1 || :
  rk_lines=$(rk_kernel | sed -n "s/^spdupdate \(.* -P [a-z]*\) prio $RK_BLOCK discard;\$/spddelete \1;/p")
  [ -z "$rk_lines" ] || rk_load "$rk_lines" || :
}

# True where no traffic of `require` links of $1 is open.
be_guarded() { [ -z "$(rk_open "$1")" ]; }

# What went wrong in the parts of a step is in $rk_bad: its end.
rk_end() { [ -z "$rk_bad" ] || die activate "${rk_bad#; }"; }

# ---------------------------------------------------------------------------------------------------- keys by hand

# The SAs of generation $1. Keys: for pipes only.
rk_wanted_sas() {
  [ -n "$1" ] || return 0
  [ ! -f "$1/files$RK_SAS" ] || sed -n '/^add /p' "$1/files$RK_SAS"
}

# What the kernel has, in setkey-sa.conf's form. Keys: for pipes only.
rk_kernel_sas() {
  mc_run setkey -D 2>/dev/null | awk '
    function show() {
      if (proto == "esp" || proto == "ah") {
        line = "add " ends " " proto " " spi " -m " mode
        if (e != "") line = line " -E " e " 0x" ek
        if (a != "") line = line " -A " a " 0x" ak
        print line ";"
      }
      proto = e = a = ek = ak = part = ""
    }
    /^[^ \t]/ { show(); for (i = 1; i <= 2; i++) sub(/\[[0-9]+\]$/, "", $i); ends = $1 " " $2; next }
    /^\t[a-z-]+ mode=/ { proto = $1; mode = substr($2, 6); spi = substr($3, 5); sub(/\(.*/, "", spi); next }
    $1 == "E:" { e = $2; part = "e"; for (i = 3; i <= NF; i++) ek = ek $i; next }
    $1 == "A:" { a = $2; part = "a"; for (i = 3; i <= NF; i++) ak = ak $i; next }
    /^ / && part == "e" { for (i = 1; i <= NF; i++) ek = ek $i; next }
    /^ / && part == "a" { for (i = 1; i <= NF; i++) ak = ak $i; next }
    { part = "" }
    END { show() }'
}

# Commands with keys in them, $1. No message of setkey is kept that may quote one.
rk_load_sas() {
  rk_said=$(printf '%s\n' "$1" | mc_run setkey -f - 2>&1)
  set -- $?
  [ "$1" = 0 ] && [ -z "$rk_said" ] && return
  case $rk_said in
    '' | *0x* | *[Ss]yntax*) rk_said="setkey refuses an SA of setkey-sa.conf" ;;
  esac
  [ "$1" != 0 ] && return "$1" || return 1
}

# Commands that bring the SAs of generation $1 that the kernel lacks; one with other keys is replaced, the others are not
# touched. Keys: for pipes only.
rk_lacking_sas() {
  [ -n "$1" ] && [ -f "$1/files$RK_SAS" ] || return 0
  { rk_kernel_sas && echo --- && rk_wanted_sas "$1"; } | awk '
    $0 == "---" { wanted = 1; next }
    { key = $2 " " $3 " " $4 " " $5 }
    !wanted { have[key] = $0; next }
    (key in have) && have[key] == $0 { next }
    key in have { print "delete " key ";" }
    { print }'
}

# Each SA of generation $1 is tried, whatever becomes of the others.
rk_protect_sas() {
  rk_lines=$(rk_lacking_sas "$1")
  [ -n "$rk_lines" ] || return 0
  rk_load_sas "$rk_lines" && return
  mc_each rk_load_sas "$(rk_lacking_sas "$1")"
  rk_compare_sas "$1"
  [ "$rk_missing_sas" = 0 ] ||
    rk_bad="$rk_bad; the kernel does not take $rk_missing_sas of the manual SAs, the first: $rk_first_sas${rk_said:+ (${rk_said%%"$NL"*})}"
}

# Deletes the SAs of generation $1 that $2 lacks.
rk_retire_sas() {
  [ -n "$1" ] && [ -f "$1/files$RK_SAS" ] || return 0
  rk_lines=$(
    { rk_wanted_sas "$2" && echo --- && rk_kernel_sas && echo --- && rk_wanted_sas "$1"; } | awk '
      $0 == "---" { part++; next }
      { key = $2 " " $3 " " $4 " " $5 }
      part == 0 { keep[key]; next }
      part == 1 { have[key]; next }
      !(key in keep) && (key in have) { print "delete " key ";" }'
  )
  [ -z "$rk_lines" ] || rk_load_sas "$rk_lines" || rk_bad="$rk_bad; ${rk_said%%"$NL"*}"
}

# How many SAs of generation $1 the kernel lacks, in $rk_missing_sas, and the first of them in $rk_first_sas.
rk_compare_sas() {
  rk_missing_sas=0 rk_first_sas=
  [ -f "$1/files$RK_SAS" ] || return 0
  rk_answer=$(
    { rk_kernel_sas && echo --- && rk_wanted_sas "$1"; } | awk '
      $0 == "---" { wanted = 1; next }
      !wanted { have[$0]; next }
      !($0 in have) { if (!n++) first = $2 " " $3 " " $4 " " $5 }
      END { print n + 0, first }'
  )
  rk_missing_sas=${rk_answer%% *}
  rk_first_sas=${rk_answer#* }
}

# ---------------------------------------------------------------------------------------------------- routes

# The policies of generation $1 whose local end is the address of the moment.
rk_wanted_roaming() {
  [ ! -f "$1/files$RK_ROAMING" ] || mc_run sh "$1/files$RK_ROAMING" show 2>/dev/null | sed -n '/^spdupdate /p'
}

# And the policies of a host whose address nobody knew beforehand.
rk_protect_routes() {
  [ -n "$1" ] || return 0
  if [ -f "$1/files$RK_ROAMING" ]; then
    rk_said=$(mc_run sh "$1/files$RK_ROAMING" up 2>&1) || rk_bad="$rk_bad; roaming.sh: ${rk_said:-failed}"
  fi
  [ -f "$1/files$RK_ROUTES" ] || return 0
  rk_said=$(mc_run sh "$1/files$RK_ROUTES" up 2>&1) || rk_bad="$rk_bad; routes: ${rk_said:-failed}"
}

# Removes the routes of generation $1 that $2 lacks.
rk_retire_routes() {
  [ -n "$1" ] || return 0
  [ -f "$1/files$RK_ROUTES" ] || return 0
  rk_keep=
  [ -z "$2" ] || [ ! -f "$2/files$RK_ROUTES" ] || rk_keep=$(sed -n 's/^route \([^ ]*\) .*/\1/p' "$2/files$RK_ROUTES")
  # shellcheck disable=SC2086 # nets: one word each
  mc_run sh "$1/files$RK_ROUTES" down $rk_keep >/dev/null 2>&1 || :
}

# ---------------------------------------------------------------------------------------------------- what a kernel has

# Prints this kernel's own configuration; nothing where it does not show it.
rk_kernel_config() {
  if [ -r /proc/config.gz ]; then
    gzip -dc /proc/config.gz 2>/dev/null
  else
    cat "/boot/config-$(uname -r)" 2>/dev/null
  fi
}

# One line for each option that generation $1 needs and this kernel says it was made without. A kernel that shows no
# configuration lacks nothing that we know of: racoon -t and setkey -n find the rest.
rk_kernel_lacks() {
  rk_config=$(rk_kernel_config | sed -n '/^CONFIG_[A-Z0-9_]*=[ym]$/p')
  [ -n "$rk_config" ] || return 0
  {
    printf '%s\n' "$rk_config"
    echo ---
    cat "$(rk_setkey_conf "$1")" "$1/files$RK_CONF" 2>/dev/null
    rk_wanted_sas "$1" | sed 's/ 0x[0-9a-f]*//g'
  } | awk '
    function need(option, what) { if (!(option in have) && !(option in told)) { told[option]; print "CONFIG_" option " (" what ")" } }
    $0 == "---" { body = 1; next }
    !body { sub(/^CONFIG_/, ""); sub(/=.*/, ""); have[$0]; next }
    /^#/ { next }
    FNR { if (!asked++) { need("NET_KEY", "PF_KEY sockets"); need("XFRM_USER", "the XFRM interface") } }
    /^spdupdate / {
      ends = match($0, /tunnel\/[^ ]*/) ? substr($0, RSTART, RLENGTH) : $2  # the outer family, in a tunnel
      six = (ends ~ /:.*:/) ? "6" : ""; family = six == "" ? "IPv4" : "IPv6"
      if (/ esp\//) need("INET" six "_ESP", "ESP for " family)
      if (/ ah\//) need("INET" six "_AH", "AH for " family)
      if (/ ipcomp\//) { need("INET" six "_IPCOMP", "IPComp for " family); need("CRYPTO_DEFLATE", "deflate") }
    }
    /encryption_algorithm|^add / {
      if (/[ \t](aes|rijndael)/) need("CRYPTO_AES", "AES")
      if (/[ \t]3?des/) need("CRYPTO_DES", "DES and 3DES")
      if (/[ \t]camellia/) need("CRYPTO_CAMELLIA", "Camellia")
      if (/[ \t]blowfish/) need("CRYPTO_BLOWFISH", "Blowfish")
      if (/[ \t]cast128/) need("CRYPTO_CAST5", "CAST-128")
      need("CRYPTO_CBC", "CBC mode")
    }
    /authentication_algorithm|^add / {
      need("CRYPTO_HMAC", "HMAC")
      if (/hmac.md5/) need("CRYPTO_MD5", "MD5")
      if (/hmac.sha1/) need("CRYPTO_SHA1", "SHA-1")
      if (/hmac.sha(2.)?256/) need("CRYPTO_SHA256", "SHA-256")
      if (/hmac.sha(2.)?(384|512)/) need("CRYPTO_SHA512", "SHA-384 and SHA-512")
    }'
}

# racoon reads `gssapi_krb` in any build, fails in the negotiation, and -V does not tell: what lacks is the library's function.
rk_lacks_kerberos() {
  grep -qs 'authentication_method gssapi_krb;' "$1/files$RK_CONF" && ! grep -q gss_init_sec_context "$(command -v racoon)"
}

# racoon -t on the staged racoon.conf of generation $1, which is to find the staged keys and certificates.
rk_test_staged() {
  rk_copy=$(mktemp) || return 1
  sed "s|^path certificate \"$RK_CERTS\";|path certificate \"$1/files$RK_CERTS\";|" "$1/files$RK_CONF" >"$rk_copy"
  mc_run racoon -t -f "$rk_copy" 2>&1
  set -- $?
  rm -f "$rk_copy"
  return "$1"
}

be_facts() {
  if command -v racoon >/dev/null; then
    printf 'fact racoon %s\n' "$(mc_run racoon -V 2>&1 | sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p;1q')"
  fi
  command -v setkey >/dev/null && printf 'fact setkey yes\n'
  [ -e /proc/net/pfkey ] && printf 'fact pfkey yes\n'
  return 0
}

be_check() {
  for rk_tool in setkey racoon awk sed; do
    command -v "$rk_tool" >/dev/null || die missing "$rk_tool is not installed on this host"
  done
  [ ! -f "$1/files$RK_ROUTES" ] || command -v ip >/dev/null || die missing "ip (iproute2) is not installed on this host"
  rk_lacks=$(rk_kernel_lacks "$1")
  [ -z "$rk_lacks" ] || die missing "this host's kernel was built without $(printf '%s' "$rk_lacks" | tr '\n' ',' | sed 's/,/, /g')"
  rk_file=$(rk_setkey_conf "$1")
  # -n parses only, yet it needs a PF_KEY socket: so this also shows that the kernel has af_key.
  if [ -f "$rk_file" ]; then
    rk_said=$(mc_run setkey -n -f "$rk_file" 2>&1) || die check "setkey: ${rk_said:-failed}"
  fi
  [ ! -f "$1/files$RK_SAS" ] || mc_run setkey -n -f "$1/files$RK_SAS" >/dev/null 2>&1 || die check "setkey refuses setkey-sa.conf"
  rk_said=$(mc_ahead "$(rk_others "$1" "$2")")
  [ -z "$rk_said" ] || die check "$rk_said (spddelete it, and take it out of whatever loads it)"
  rk_file=$1/files$RK_CONF
  [ -f "$rk_file" ] || return 0
  ! rk_lacks_kerberos "$1" || die missing "this racoon was built without GSSAPI, which auth: kerberos needs"
  rk_said=$(rk_test_staged "$1") && return 0
  case $rk_said in
    *'invalid option'* | *[Uu]sage*) die missing "this racoon has no -t: 0.9 or newer is needed" ;;
  esac
  rk_said=$(printf '%s\n' "$rk_said" | sed -n '/ERROR/{s/^.*ERROR: *//p;q;}')
  die check "racoon: ${rk_said:-refuses the configuration}"
}

# Policies come before SAs, and each part is tried whatever became of the others.
be_protect() {
  rk_bad=
  [ -n "$2" ] || mc_each rk_load "$(mc_originals)"
  rk_load_policies "$2"
  rk_protect_sas "$2"
  rk_protect_routes "$2"
  rk_end
}

# The kernel's policies that generation $1 replaces: of its selectors, as far as $2 does not have them.
be_replaced() {
  { rk_wanted_now "$1" && echo --- && rk_wanted_now "$2" && echo --- && rk_kernel; } | awk '
    function key(line) { sub(/ prio .*/, "", line); return line }
    $0 == "---" { part++; next }
    part == 0 { ours[key($0)] = 1; next }
    part == 1 { delete ours[key($0)]; next }
    key($0) in ours'
}

# In FROM and in the kernel, but not in TO: holes first. What decides is the key: selector and direction.
be_retire() {
  rk_bad=
  rk_lines=$(
    { { [ -z "$2" ] && mc_originals || rk_wanted_now "$2"; } && echo --- && rk_kernel && echo --- && rk_wanted_now "$1"; } | awk '
      $0 == "---" { part++; next }
      { key = $0; sub(/ prio .*$/, ";", key); sub(/^spdupdate /, "spddelete ", key) }
      part == 0 { keep[key]; next }
      part == 1 { have[key]; next }
      (key in keep) || !(key in have) { next }
      / none;$/ { print key; next }
      { last[++lasts] = key }
      END { for (i = 1; i <= lasts; i++) print last[i] }'
  )
  [ -z "$rk_lines" ] || rk_load "$rk_lines" || rk_bad="$rk_bad; ${rk_said%%"$NL"*}"
  rk_unblock "$2"
  rk_retire_routes "$1" "$2"
  rk_retire_sas "$1" "$2"
  rk_end
}

# racoon.conf, and the certificates and keys that racoon reads while it parses it, are the same in $1 and $2.
rk_same_daemon_files() {
  cmp -s "$1/files$RK_CONF" "$2/files$RK_CONF" || return 1
  [ -d "$1/files$RK_CERTS" ] || [ -d "$2/files$RK_CERTS" ] || return 0
  [ -d "$1/files$RK_CERTS" ] && [ -d "$2/files$RK_CERTS" ] || return 1
  rk_sums=$(cd "$1/files$RK_CERTS" && sha256sum -- *) || return 1
  [ "$rk_sums" = "$(cd "$2/files$RK_CERTS" && sha256sum -- *)" ]
}

# The daemon's process number in $rk_pid, or false.
rk_running() {
  rk_pid=
  { IFS= read -r rk_pid <"$RK_PID"; } 2>/dev/null || return 1
  case $rk_pid in '' | *[!0-9]*) return 1 ;; esac
  rk_comm=
  { IFS= read -r rk_comm <"/proc/$rk_pid/comm"; } 2>/dev/null || return 1
  [ "$rk_comm" = racoon ]
}

rk_systemd() { [ -d /run/systemd/system ] && mc_run systemctl cat racoon.service >/dev/null 2>&1; }

rk_start() {
  if rk_systemd; then
    mc_run systemctl restart racoon.service || die activate "systemd cannot start racoon.service"
  else
    rk_said=$(mc_run racoon -f "$RK_CONF" </dev/null 2>&1) || die activate "racoon does not start: $rk_said"
  fi
  rk_left=30
  until rk_running; do
    rk_left=$((rk_left - 1))
    [ "$rk_left" -gt 0 ] || die activate "racoon does not start: no process after 30 s"
    sleep 1
  done
}

rk_stop() {
  rk_running || return 0
  if rk_systemd; then
    mc_run systemctl stop racoon.service || :
  else
    kill "$rk_pid" 2>/dev/null || :
  fi
  rk_left=10
  while rk_running && [ "$rk_left" -gt 0 ]; do
    rk_left=$((rk_left - 1))
    sleep 1
  done
}

# runs | start | stop: for the original state.
be_daemon() {
  case $1 in
    runs) rk_running ;;
    start) rk_running || [ ! -f "$RK_CONF" ] || rk_start ;;
    stop) rk_stop ;;
  esac
}

# racoon's start and end flush SAs; one that the kernel then refuses does not keep racoon from its work.
be_reload() {
  rk_bad=
  rk_reload "$1" "$2"
  rk_protect_sas "$2"
  rk_end
}

rk_reload() {
  if [ ! -f "$RK_CONF" ]; then
    rk_stop
    return 0
  fi
  # A file that does not parse would leave the daemon on half of it.
  rk_said=$(mc_run racoon -t -f "$RK_CONF" 2>&1) ||
    die activate "racoon: $(printf '%s\n' "$rk_said" | sed -n '/ERROR/{s/^.*ERROR: *//p;q;}')"
  if ! rk_running; then
    rk_start
    return 0
  fi
  # psk.txt is read afresh for every negotiation. An unchanged racoon.conf needs no reload.
  [ -n "$1" ] && [ -n "$2" ] && rk_same_daemon_files "$1" "$2" && return 0
  rk_before=$rk_pid
  if rk_systemd && mc_run systemctl is-active --quiet racoon.service; then
    mc_run systemctl reload-or-restart racoon.service || die activate "systemd cannot reload racoon.service"
  else
    kill -HUP "$rk_pid" || die activate "racoon (process $rk_pid) cannot be told to reload"
  fi
  sleep 1
  rk_running || die activate "racoon ended on reload (it was process $rk_before)"
}

# How many policies of generation $1 the kernel does not have, and the first of them, in $rk_missing and $rk_first.
rk_compare() {
  rk_answer=$(
    { rk_kernel && echo --- && rk_wanted_now "$1"; } | awk '
      $0 == "---" { wanted = 1; next }
      !wanted { have[$0]; next }
      !($0 in have) { if (!n++) first = $0 }
      END { print n + 0, first }'
  )
  rk_missing=${rk_answer%% *}
  rk_first=${rk_answer#* }
}

be_verify() {
  rk_compare "$1"
  [ "$rk_missing" = 0 ] || die activate "$rk_missing policies are not in the kernel, the first: $rk_first"
  rk_compare_sas "$1"
  [ "$rk_missing_sas" = 0 ] || die activate "$rk_missing_sas SAs keyed by hand are not in the kernel"
  [ ! -f "$1/files$RK_CONF" ] || rk_running || die activate "racoon is not running"
}

# Reads links.list lines; adds the address that packets to the peer leave from: the local one, or where that is not known
# beforehand what the routing table says now (`-` for nothing), ahead of `silent`.
rk_links_now() {
  while read -r rk_peer rk_local rk_remote rk_role rk_level rk_word; do
    rk_own=$rk_local
    case $rk_local in
      0.0.0.0 | ::)
        rk_own=$(mc_run ip -o route get "$rk_remote" 2>/dev/null | sed -n 's/.* src \([0-9a-f.:]*\).*/\1/p')
        ;;
    esac
    printf '%s %s %s %s %s %s\n' "$rk_peer" "$rk_local" "$rk_remote" "$rk_role" "$rk_level" "${rk_own:--}${rk_word:+ $rk_word}"
  done
}

# Reads lines of rk_links_now; prints `STATE PEER LOCAL REMOTE ROLE OWN` and `silent`, STATE up when mature SAs exist in both directions,
# `away` where the peer's address is not known: such a peer comes when it likes, and nothing here can call it.
rk_link_states() {
  rk_list=$(cat)
  { mc_run setkey -D 2>/dev/null && echo --- && printf '%s\n' "$rk_list"; } | awk '
    $0 == "---" { links = 1; next }
    links {
      if (NF < 6) next
      unknown = ($3 == "0.0.0.0" || $3 == "::")
      print (unknown ? "away" : (ok[$6 " " $3] && ok[$3 " " $6]) ? "up" : "down"), $1, $2, $3, $4, $6 (NF > 6 ? " " $7 : "")
      next
    }
    /^[^ \t]/ { for (i = 1; i <= 2; i++) sub(/\[[0-9]+\]$/, "", $i); pair = $1 " " $2; next }
    / state=mature/ { ok[pair] = 1 }'
}

# "FROM TO" of the pairs of addresses of generation $1 whose pings a policy protects. Not those whose pings a hole lets pass
# in clear or a policy discards: a hole for all of ICMP or for echoes, not one for another type, as bypasses of errors are.
rk_pingable() {
  rk_wanted_now "$1" | awk '
    !/ -P out / || ($4 != "any" && $4 != "1" && $4 != "icmp6") { next }
    $5 != "-P" && $5 != ($4 == "1" ? "8,0" : "128,0") { next }
    / ipsec / { if ($5 == "-P") pairs[++n] = $2 " " $3; next }
    { open[$2 " " $3] }
    END {
      for (i = 1; i <= n; i++) {
        split(pairs[i], end, " ")
        all = end[1] ~ /:/ ? "::/0" : "0.0.0.0/0"
        if (end[1] ~ /\// || end[2] ~ /\//) continue
        if (!(pairs[i] in open) && !((all " " all) in open) && !((end[1] " " all) in open)) print pairs[i]
      }
    }'
}

# Makes the kernel or racoonctl ask racoon for SAs of one pair. A ping is sent only where a policy protects it ($rk_pings): what
# else is covered, as other protocols and tunnels of nets whose hosts are elsewhere, is asked for by name. racoon compares no
# ports here, and knows few protocols' names.
rk_poke() {
  case "
$rk_pings
" in
    *"
$2 $3
"*)
      mc_limit 20 ping -n -c 1 -W 1 -I "$2" "$3" >/dev/null 2>&1 &
      return 0
      ;;
  esac
  rk_wanted_now "$1" | awk -v a="$2" -v b="$3" '
    BEGIN { name["1"] = "icmp"; name["17"] = "udp"; name["47"] = "gre" }
    how || !/ -P out .* ipsec / { next }
    { from = $2; to = $3; sub(/\[[0-9]+\]$/, "", from); sub(/\[[0-9]+\]$/, "", to) }
    (from == a && to == b) || index($0, "/tunnel/" a "-" b "/") {
      how = (from ~ /:/) ? "inet6" : "inet"
      bits = (from ~ /:/) ? "/128" : "/32"
      print how, from (from ~ /\// ? "" : bits), to (to ~ /\// ? "" : bits), ($4 in name) ? name[$4] : $4
    }' | {
    read -r rk_how rk_rest || exit 0
    # shellcheck disable=SC2086 # two nets and a protocol: one word each
    mc_limit 3 racoonctl establish-sa esp "$rk_how" $rk_rest >/dev/null 2>&1 || :
  } &
}

be_links() {
  rk_todo=$(rk_links_now)
  [ -n "$rk_todo" ] || return 0
  rk_pings=$(rk_pingable "$1")
  rk_left=20
  while :; do
    rk_states=$(printf '%s\n' "$rk_todo" | rk_link_states)
    case "$rk_states" in *down\ *) ;; *) break ;; esac
    [ "$rk_left" -gt 0 ] || break
    # The initiators begin. After a while both ends try, so that one deaf end does not decide alone.
    printf '%s\n' "$rk_states" | while read -r rk_state _ _ rk_remote rk_role rk_own _; do
      [ "$rk_state" = down ] || continue
      [ "$rk_role" = initiator ] || [ "$rk_left" -lt 15 ] || continue
      rk_poke "$1" "$rk_own" "$rk_remote"
    done
    rk_left=$((rk_left - 1))
    sleep 2
  done
  rk_before=$(rk_packets)
  rk_ping_all
  {
    printf '%s\n--\n' "$rk_before"
    rk_packets
    printf -- '--\n%s\n--\n%s\n' "$rk_pinged" "$rk_states"
  } | rk_report
}

# SRC DST PACKETS of all SAs that are in use. The keys in the dump stay here.
rk_packets() {
  mc_run setkey -D 2>/dev/null | awk '
    /^[^ \t]/ { for (i = 1; i <= 2; i++) sub(/\[[0-9]+\]$/, "", $i); pair = $1 " " $2; next }
    / state=/ { live = / state=(mature|dying)/; next }
    live && $1 == "allocated:" { sum[pair] += $2 }
    END { for (pair in sum) print pair, sum[pair] }'
}

# Pings every link that is up and whose policies cover a ping; those are in $rk_pinged as "LOCAL REMOTE".
rk_ping_all() {
  rk_pinged=$(printf '%s\n---\n%s\n' "$rk_pings" "$rk_states" | awk '
    $0 == "---" { links = 1; next }
    !links { pings[$0]; next }
    $1 == "up" && (($6 " " $4) in pings) { print $6, $4 }')
  while read -r rk_local rk_remote; do
    [ -z "$rk_local" ] || mc_limit 20 ping -q -n -c 3 -i 0.3 -W 2 -I "$rk_local" "$rk_remote" >/dev/null 2>&1 &
  done <<END
$rk_pinged
END
  wait
}

# Packets must have moved both ways since before the pings: an SA from before the change proves nothing. None comes from a
# silent peer.
rk_report() {
  awk '
    $0 == "--" { part++; next }
    part == 0 { before[$1 " " $2] = $3; next }
    part == 1 { after[$1 " " $2] = $3; next }
    part == 2 { pinged[$1 " " $2]; next }
    NF < 6 { next }
    {
      out = $6 " " $4; back = $4 " " $6; said = "up"
      if ($1 == "down") said = "down no SA in both directions"
      else if ((out in pinged) && after[out] == before[out]) said = "down no packet left through the SA"
      else if ((out in pinged) && $7 != "silent" && after[back] == before[back]) said = "down no packet came back through the SA"
      print "link", $2, $3, $4, said
    }'
}

be_status() {
  [ -n "$1" ] || return 0
  if [ ! -f "$1/files$RK_CONF" ]; then
    :
  elif rk_running; then
    echo "health ok racoon runs"
  else
    echo "health ill racoon is not running"
  fi
  [ ! -f "$1/files$RK_CONF" ] || mc_starts_at_boot "$1" racoon racoon.service
  rk_compare_sas "$1"
  [ "$rk_missing_sas" = 0 ] || echo "health ill $rk_missing_sas SAs keyed by hand are not in the kernel"
  rk_compare "$1"
  if [ "$rk_missing" = 0 ]; then
    echo "health ok all policies are in the kernel"
  else
    echo "health ill $rk_missing policies are not in the kernel"
    rk_lines=$(rk_open "$1")
    [ -z "$rk_lines" ] || echo "health open traffic may pass in clear, the first policy without effect: ${rk_lines%%"$NL"*}"
  fi
  rk_said=$(mc_ahead "$(rk_others "$1")")
  [ -z "$rk_said" ] || echo "health ill $rk_said"
  [ -f "$1/links.list" ] || return 0
  # Without traffic there is no SA: that is idle, not down.
  {
    rk_missing_by_pair "$1"
    echo ---
    rk_links_now <"$1/links.list" | rk_link_states | while read -r rk_state rk_peer rk_local rk_remote _; do
      [ "$rk_state" = up ] || rk_state=idle
      printf 'link %s %s %s %s\n' "$rk_peer" "$rk_local" "$rk_remote" "$rk_state"
    done
  } | mc_mark_links
}

# Before the network is up: all policies, then SAs, no daemon. Loading twice changes nothing. What needs the address of the
# moment, or a way to the peers, waits for the network.
be_boot() {
  rk_bad=
  rk_load_policies "$1"
  rk_protect_sas "$1"
  rk_unblock "$1"
  rk_waits=
  rk_try_routes "$1" || rk_waits=yes
  rk_end
  [ -z "$rk_waits" ] || rk_routes_later "$1" </dev/null >/dev/null 2>&1 &
}

rk_try_routes() { (rk_bad= && rk_protect_routes "$1" && [ -z "$rk_bad" ]); }

# Until it is done once, or another generation is in force: a laptop may find its network a day later.
rk_routes_later() {
  rk_pause=1 rk_tries=0
  while sleep "$rk_pause"; do
    mc_first "$S/current"
    [ "$1" = "$S/generations/$line" ] || return 0
    ! rk_try_routes "$1" || return 0
    rk_tries=$((rk_tries + 1))
    [ "$rk_tries" -lt 120 ] || rk_pause=60
  done
}
