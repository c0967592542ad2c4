# shellcheck shell=sh disable=SC2015,SC2016,SC2154 # `A && B || C` is meant: C also when B fails; awk programs are quoted
# The strongSwan back end's part of the agent (docs/transaction.md, "Back end functions"; docs/backend-strongswan.md).
#
# The kernel's policies are ours (policies.xfrm), charon only makes SAs for them. So what charon does, or fails to do,
# can stop traffic on a link but never open it, and policies can change without charon, one atomic command each.

be_conf=/etc/swanctl/conf.d/meshctl.conf
be_policies=/etc/meshctl/policies.xfrm
be_manual=/etc/meshctl/states.xfrm
be_routes=/etc/meshctl/routes.list
be_settings=/etc/strongswan.d/meshctl.conf
be_vici=/run/charon.vici

# Blocks of what the kernel does not take: behind all else, bypasses too. No generation has a policy of this priority.
be_block_priority=4000000000

# ---------------------------------------------------------------------------------------------------- kernel policies

# Output of `ip -o xfrm policy list` on standard input -> the lines that would make it, spelled as in policies.xfrm.
# What we never write (sockets' own policies and the like) comes out as a line that equals none of ours, or not at all.
be_awk_canon='
BEGIN {
  number["icmp"] = 1; number["tcp"] = 6; number["udp"] = 17; number["ipv6-icmp"] = 58; number["sctp"] = 132
  while ((getline row < "/etc/protocols") > 0) {
    split(row, word, /[ \t]+/)
    if (word[1] !~ /^#/ && word[2] ~ /^[0-9]+$/ && !(word[1] in number)) number[word[1]] = word[2]
  }
}
function request() {
  return " tmpl" (mode == "tunnel" ? " src " ends : "") " proto " proto " reqid " req " mode " mode " level " level
}
/socket/ { next }
{
  gsub(/[\\\t]/, " ")
  sel = dir = prio = act = odd = mark = reqs = ""; tmpls = 0
  for (i = 1; i <= NF; i++) {
    if ($i == "tmpl") {
      if (tmpls++) reqs = reqs request()
      ends = $(i + 2) " dst " $(i + 4); i += 4
      proto = req = mode = ""; level = "required"
    }
    else if ($i == "src" || $i == "dst" || $i == "sport" || $i == "dport" || $i == "type" || $i == "code") { sel = sel " " $i " " $(i + 1); i++ }
    else if ($i == "proto" && tmpls) proto = $(++i)
    else if ($i == "proto") { i++; sel = sel " proto " (($i in number) ? number[$i] : $i) }
    else if ($i == "dir") dir = $(++i)
    else if ($i == "priority") prio = $(++i)
    else if ($i == "action") act = $(++i)
    else if ($i == "mark") { mark = " mark " $(++i); sub(/\//, " mask ", mark) }
    else if ($i == "ptype") { if ($(++i) != "main") odd = odd " " $i }
    else if ($i == "reqid") { req = $(++i); sub(/\(.*/, "", req) }
    else if ($i == "mode") mode = $(++i)
    else if ($i == "level") level = $(++i)
    else odd = odd " " $i
  }
  if (tmpls) reqs = reqs request()
  else if (act == "") act = "allow"
  print "xfrm policy update" sel " dir " dir mark " priority " prio (act == "" ? "" : " action " act) reqs odd
}'

be_kernel_policies() {
  mc_run ip -o xfrm policy list 2>/dev/null | LC_ALL=C awk "$be_awk_canon"
}

# File $2 of generation $1 in $be_file; an empty one for no generation, or one that has no such file.
be_file_of() {
  be_file=/dev/null
  [ -z "$1" ] || be_file=$1/files$2
  [ -e "$be_file" ] || be_file=/dev/null
}
be_policy_file() { be_file_of "$1" "$be_policies"; }

# Commands $1 for one `ip -batch`. A command that fails does not keep the others back; one that ip cannot read does. Whether
# it worked is read from the kernel. What ip says is in $be_errors and in the log, without keys. Status of ip.
be_apply() {
  be_errors=$(printf '%s\n' "$1" | mc_run ip -force -batch - 2>&1)
  set -- $?
  [ -z "$be_errors" ] || be_errors=$(printf '%s\n' "$be_errors" | sed 's/0x[0-9a-f]\{9,\}/0x.../g')
  [ -z "$be_errors" ] || printf '%s\n' "$be_errors"
  return "$1"
}

# Lines of file $1 that the kernel lacks: protections first, holes last.
be_missing() {
  be_kernel_policies | LC_ALL=C awk -v wanted="$1" '
    { have[$0] = 1 }
    END {
      while ((getline line < wanted) > 0) {
        if (line == "" || line ~ /^#/ || line in have) continue
        if (line ~ / action allow$/) hole[holes++] = line
        else print line
      }
      for (i = 0; i < holes; i++) print hole[i]
    }'
}

# The kernel's policies that are not ours, and if there are any those of generation $1, for mc_ahead. $2: a generation
# that is to go. Ours are also those of their selectors, which an update replaces, and what charon makes with a reqid of
# ours. One of an XFRM interface, or for a mark that packets do not have by themselves, is not asked about ours.
be_others() {
  be_policy_file "${2-}" && be_keep=$be_file
  be_policy_file "$1"
  be_kernel_policies | LC_ALL=C awk -v wanted="$be_file" -v old="$be_keep" '
    function key(line) { sub(/ priority .*/, "", line); return line }
    function show(what, line, text,  w, n, i, v) {
      v["proto"] = v["sport"] = v["dport"] = v["type"] = v["code"] = 0
      n = split(line, w, " ")
      for (i = 4; i < n && w[i] != "tmpl" && w[i] != "action"; i += 2) v[w[i]] = w[i + 1]
      if (v["type"] + v["code"]) { v["sport"] = v["type"]; v["dport"] = v["code"] }
      print what, v["dir"], v["priority"], v["src"], v["dst"], v["proto"], v["sport"], v["dport"] text
    }
    BEGIN {
      while ((getline line < old) > 0) own[key(line)]
      while ((getline line < wanted) > 0) {
        own[key(line)]
        if (line !~ / action allow$/ && line ~ /^xfrm /) want[++wants] = line
      }
    }
    key($0) in own || / if_id / || / mark 0x[0-9a-f]*[1-9a-f][0-9a-f]* / { next }
    match($0, / reqid [0-9]+/) && substr($0, RSTART + 7, RLENGTH - 7) + 0 >= 16777216 { next }
    {
      if (!others++) for (i = 1; i <= wants; i++) show("ours", want[i], "")
      line = $0
      sub(/^xfrm policy update /, "", line)
      show("other", $0, " " line)
    }'
}

# `policy update` makes or replaces a policy in one step of the kernel: there is no moment without one. What to do is
# decided from the kernel's own list, so an interrupted run or a foreign hand before us makes no difference. Policies come
# before SAs, and each part is tried whatever became of the others.
be_protect() {
  be_bad=
  [ -n "$2" ] || mc_each be_apply "$(mc_originals)"
  be_load_policies "$2"
  be_load_states "$2"
  be_add_routes "$2"
  be_end
}

# The kernel's policies that generation $1 replaces: of its selectors, as far as $2 does not have them.
be_replaced() {
  be_policy_file "$2" && be_keep=$be_file
  be_policy_file "$1"
  be_kernel_policies | LC_ALL=C awk -v new="$be_file" -v old="$be_keep" '
    function key(line) { sub(/ priority .*/, "", line); return line }
    BEGIN {
      while ((getline line < new) > 0) if (line ~ /^xfrm /) ours[key(line)] = 1
      while ((getline line < old) > 0) delete ours[key(line)]
    }
    key($0) in ours'
}

# What went wrong in the parts of a step is in $be_bad: its end.
be_end() { [ -z "$be_bad" ] || die activate "${be_bad#; }"; }

be_load_policies() {
  be_policy_file "$1"
  be_todo=$(be_missing "$be_file")
  [ -n "$be_todo" ] || return 0
  be_apply "$be_todo" || :
  be_todo=$(be_missing "$be_file")
  [ -n "$be_todo" ] || return 0
  mc_each be_apply "$be_todo"
  be_todo=$(be_missing "$be_file")
  [ -n "$be_todo" ] || return 0
  be_bad="$be_bad; the kernel does not take the policy: ${be_todo%%"$NL"*}"
  # A run that is to be reverted cuts nobody off.
  [ "${verb-}" = activate ] || be_block
}

# Lines of file $1 that protect traffic of `require` links or drop it, while the kernel has nothing for it that does: that
# traffic may leave in clear.
be_open() {
  be_kernel_policies | LC_ALL=C awk -v wanted="$1" '
    function key(line) { sub(/ priority .*/, "", line); return line }
    function wide(line,  w) {
      split(line, w, " ")
      match(line, / dir [a-z]+/)
      return "xfrm policy update src " w[5] " dst " w[7] substr(line, RSTART, RLENGTH)
    }
    function guards(line) { return line ~ / level required| action block$/ }
    guards($0) { have[key($0)] }
    END {
      while ((getline line < wanted) > 0)
        if (line ~ /^xfrm / && guards(line) && !(key(line) in have) && !(wide(line) in have)) print line
    }'
}

# Policies of generation $1 that the kernel lacks, as `open A B` or `missing A B` for mc_mark_links. A tunnel's selectors are
# nets: the two ends are those of the request, also for the block behind it. Where charon has the policies (one end is a road
# warrior) there are blocks alone: their ends are those of the child with the same selectors.
be_missing_by_pair() {
  be_policy_file "$1"
  {
    be_selectors "$1"
    echo ---
    be_kernel_policies
  } | LC_ALL=C awk -v wanted="$be_file" '
    function key(line) { sub(/ priority .*/, "", line); return line }
    function bare(net) { sub(net ~ /:/ ? "/128$" : "/32$", "", net); return net }
    function wide(line,  w) {
      split(line, w, " ")
      match(line, / dir [a-z]+/)
      return "xfrm policy update src " w[5] " dst " w[7] substr(line, RSTART, RLENGTH)
    }
    function guards(line) { return line ~ / tmpl | action block$/ }
    function ends(line,  w, t) {
      split(line, w, " ")
      if (match(line, / tmpl src [^ ]+ dst [^ ]+/)) {
        split(substr(line, RSTART, RLENGTH), t, " ")
        outside[w[5] " " w[7]] = t[3] " " t[5]
      }
      if ((w[5] " " w[7]) in outside) return outside[w[5] " " w[7]]
      return bare(w[5]) " " bare(w[7])
    }
    function selected(ts, own) {
      sub(/\[.*/, "", ts)
      if (ts != "dynamic") return ts
      if (own ~ /^(0\.0\.0\.0|::)$/) return own "/0"
      return own (own ~ /:/ ? "/128" : "/32")
    }
    !kernel && $0 == "---" { kernel = 1; next }
    !kernel {
      here = selected($6, $1); there = selected($7, $2)
      outside[here " " there] = $1 " " $2
      outside[there " " here] = $2 " " $1
      next
    }
    { have[$0]; if (guards($0)) guarded[key($0)] }
    END {
      while ((getline line < wanted) > 0) if (line ~ /^xfrm /) { all[++n] = line; ends(line) }
      for (i = 1; i <= n; i++) {
        line = all[i]
        if (line in have) continue
        free = guards(line) && !(key(line) in guarded) && !(wide(line) in guarded)
        print (free ? "open" : "missing"), ends(line)
      }
    }'
}

# What kernel and daemon lack of generation $1.
be_lacks() {
  be_policy_file "$1"
  be_left=$(be_missing "$be_file" | wc -l)
  [ "$be_left" -eq 0 ] || mc_say "lacks policies $be_left"
  be_file_of "$1" "$be_manual"
  if [ "$be_file" != /dev/null ]; then
    be_left=$(be_missing_states "$be_file" | grep -c ' add ')
    [ "$be_left" = 0 ] || mc_say "lacks sas $be_left"
  fi
  be_charon_answers
  case $? in
    0) (be_have_connections "$1") >/dev/null 2>&1 || mc_say "lacks connections 1" ;;
    124 | 137) ;; # it hangs: nothing that an apply could mend
    *) mc_say "lacks daemon 1" ;;
  esac
}

# Blocks what would be open: the same packets, or where the kernel does not take that selector all between the two. What it
# does not take either stays open, and nothing else is cut off.
be_block() {
  be_left=$(be_open "$be_file")
  [ -n "$be_left" ] || return 0
  mc_each be_apply "$(printf '%s\n' "$be_left" | sed "s/ priority .*/ priority $be_block_priority action block/")"
  be_left=$(be_open "$be_file")
  [ -z "$be_left" ] || mc_each be_apply "$(printf '%s\n' "$be_left" |
    sed "s/^\(xfrm policy update src [^ ]* dst [^ ]*\).*\( dir [a-z]*\) .*/\1\2 priority $be_block_priority action block/" | sort -u)"
  be_left=$(be_open "$be_file")
  if [ -z "$be_left" ]; then
    be_bad="$be_bad; its traffic is blocked"
  else
    be_bad="$be_bad; open, its traffic may pass in clear: ${be_left%%"$NL"*}"
  fi
}

# True where no traffic of `require` links of $1 is open.
be_guarded() {
  be_policy_file "$1"
  [ -z "$(be_open "$be_file")" ]
}

# Blocks go when the kernel has all of $1. One of the same selector was replaced by its policy before.
be_unblock() {
  be_policy_file "$1"
  [ -n "$(be_missing "$be_file")" ] || mc_run ip xfrm policy deleteall action block priority "$be_block_priority" >/dev/null 2>&1 || :
}

# Deletes the policies of $1 whose selector and direction $2 has not: holes first. Those that are gone already are skipped.
# Nothing here waits for charon.
be_retire() {
  be_bad=
  be_policy_file "$2" && be_keep=$be_file
  [ -n "$2" ] || [ ! -e "$S/original/policies" ] || be_keep=$S/original/policies
  be_policy_file "$1"
  be_todo=$(be_kernel_policies | LC_ALL=C awk -v old="$be_file" -v keep="$be_keep" '
    function key(line) { sub(/ priority .*/, "", line); return line }
    BEGIN {
      while ((getline line < keep) > 0) kept[key(line)] = 1
      while ((getline line < old) > 0) if (!(key(line) in kept)) stale[line] = 1
    }
    $0 in stale {
      line = key($0)
      sub(/ update /, " delete ", line)
      if ($0 ~ / action allow$/) print line
      else { rest[n++] = line }
    }
    END { for (i = 0; i < n; i++) print rest[i] }')
  [ -z "$be_todo" ] || be_apply "$be_todo" || be_bad="$be_bad; cannot delete a policy: ${be_errors%%"$NL"*}"
  be_unblock "$2"
  be_retire_states "$1" "$2"
  be_retire_routes "$1" "$2"
  be_end
}

# The network is not up yet, so the routes wait for it. If something is refused, boot-again calls this once more.
be_boot() {
  be_bad=
  be_load_policies "$1"
  be_load_states "$1"
  be_unblock "$1"
  be_add_routes "$1"
  be_end
  [ -n "$be_waiting" ] || return 0
  (
    be_tries=0
    while [ "$be_tries" -lt 120 ]; do
      be_tries=$((be_tries + 1))
      sleep 1
      be_add_routes "$1" && [ -z "$be_waiting" ] && exit 0
    done
  ) </dev/null >/dev/null 2>&1 &
}

# ---------------------------------------------------------------------------------------------------- manual SAs

# `ip -o xfrm state list` -> the lines that would make them, spelled as in states.xfrm. Keys are in them: pipes only.
be_awk_states='
{
  gsub(/[\\\t]/, " ")
  ends = proto = spi = req = mode = flag = enc = auth = ""; replay = 0
  for (i = 1; i <= NF; i++) {
    if ($i == "src" && ends == "") { ends = " src " $(i + 1) " dst " $(i + 3); i += 3 }
    else if ($i == "proto" && proto == "") proto = $(++i)
    else if ($i == "spi" && spi == "") { spi = $(++i); sub(/\(.*/, "", spi) }
    else if ($i == "reqid") { req = $(++i); sub(/\(.*/, "", req) }
    else if ($i == "mode") mode = $(++i)
    else if ($i == "replay-window") replay = $(++i)
    else if ($i == "flag") { if ($(++i) == "af-unspec") flag = " flag af-unspec" }
    else if ($i == "enc") { enc = " enc " $(i + 1) " " $(i + 2); i += 2 }
    else if ($i == "auth-trunc") { auth = " auth-trunc " $(i + 1) " " $(i + 2) " " $(i + 3); i += 3 }
    else if ($i == "sel" || $i == "lastused") break
  }
  if (spi != "0x00000000")
    print "xfrm state add" ends " proto " proto " spi " spi " reqid " req " mode " mode " replay-window " replay flag enc auth
}'

be_kernel_states() {
  mc_run ip -o xfrm state list 2>/dev/null | LC_ALL=C awk "$be_awk_states"
}

# Commands that bring the kernel from what it has to file $1: one of ours that is there with other keys goes first.
be_missing_states() {
  be_kernel_states | LC_ALL=C awk -v wanted="$1" '
    function key(line) { sub(/ reqid .*/, "", line); return line }
    { have[$0] = 1; known[key($0)] = 1 }
    END {
      while ((getline line < wanted) > 0) {
        if (line == "" || line ~ /^#/ || line in have) continue
        if (key(line) in known) { gone = key(line); sub(/ add /, " delete ", gone); print gone }
        print line
      }
    }'
}

be_load_states() {
  be_file_of "$1" "$be_manual"
  [ "$be_file" != /dev/null ] || return 0
  be_todo=$(be_missing_states "$be_file")
  [ -n "$be_todo" ] || return 0
  be_apply "$be_todo" || mc_each be_apply "$(be_missing_states "$be_file")"
  be_todo=$(be_missing_states "$be_file" | sed -n 's/^xfrm state add \(.*\) reqid .*/\1/p')
  [ -z "$be_todo" ] ||
    be_bad="$be_bad; the kernel does not take $(printf '%s\n' "$be_todo" | wc -l) of the manual SAs, the first: ${be_todo%%"$NL"*}"
}

# Deletes the manual SAs of $1 that $2 has not. SAs of one SPI that differ were replaced before.
be_retire_states() {
  be_file_of "$2" "$be_manual" && be_keep=$be_file
  be_file_of "$1" "$be_manual"
  [ "$be_file" != /dev/null ] || return 0
  be_todo=$(be_kernel_states | LC_ALL=C awk -v old="$be_file" -v keep="$be_keep" '
    function key(line) { sub(/ reqid .*/, "", line); return line }
    BEGIN {
      while ((getline line < keep) > 0) kept[key(line)] = 1
      while ((getline line < old) > 0) if (!(key(line) in kept)) stale[line] = 1
    }
    $0 in stale { line = key($0); sub(/ add /, " delete ", line); print line }')
  [ -z "$be_todo" ] || be_apply "$be_todo" || be_bad="$be_bad; cannot delete a manual SA: ${be_errors%%"$NL"*}"
}

# ---------------------------------------------------------------------------------------------------- routes

# Routes of ours carry this protocol number; those of others are never touched.
be_route_protocol=77

# `ip` with the family of prefix or address $1.
be_ip() {
  case $1 in *:*) be_family=-6 ;; *) be_family=-4 ;; esac
  shift
  mc_run ip "$be_family" "$@"
}

# Routes to the nets behind the tunnels of generation $1. What waits for the network to come up is left in $be_waiting.
be_add_routes() {
  be_waiting=
  be_file_of "$1" "$be_routes"
  while read -r be_net be_source be_peer be_device; do
    case $be_net in '' | '#'*) continue ;; esac
    be_add_route || be_waiting="$be_waiting $be_net"
  done <"$be_file"
  return 0
}

# The next hop is the one towards the peer; where that is of the other family, the packet never gets as far as to need one.
be_add_route() {
  be_hop=$(be_ip "$be_peer" -o route get "$be_peer" 2>/dev/null) || return 1
  be_via='' be_dev=''
  # shellcheck disable=SC2086 # words
  set -- $be_hop
  while [ $# -gt 1 ]; do
    case $1 in via) be_via=$2 ;; dev) be_dev=$2 ;; esac
    shift
  done
  [ "$be_dev" != lo ] || return 1
  [ "$be_device" = - ] || [ "$be_device" = "$be_dev" ] || { be_via='' be_dev=$be_device; }
  case $be_net$be_via in *:*.*.*.* | *.*.*.*:*) be_via= ;; esac
  be_have=$(be_ip "$be_net" route show exact "$be_net" 2>/dev/null)
  case $be_have in
    '' | *"proto $be_route_protocol "*) ;;
    *)
      echo "the route to $be_net is somebody else's and stays: $be_have"
      return 0
      ;;
  esac
  [ "$be_source" = - ] || be_own_address "$be_source" "$be_dev" || return 1
  set -- route replace "$be_net"
  [ -z "$be_via" ] || set -- "$@" via "$be_via"
  set -- "$@" dev "$be_dev" proto "$be_route_protocol"
  [ "$be_source" = - ] || set -- "$@" src "$be_source"
  be_ip "$be_net" "$@"
}

# An address inside that the host does not have on any interface gets a place on the loopback device.
be_own_address() {
  [ -z "$(be_ip "$1" -o addr show to "$1" 2>/dev/null)" ] || return 0
  be_bits=32
  case $1 in *:*) be_bits=128 ;; esac
  be_ip "$1" addr add "$1/$be_bits" dev lo
}

# Takes back the routes of $1 that $2 has not, and addresses on the loopback device that only $1 needed.
be_retire_routes() {
  be_file_of "$2" "$be_routes" && be_keep=$be_file
  be_file_of "$1" "$be_routes"
  while read -r be_net be_source _; do
    case $be_net in '' | '#'*) continue ;; esac
    grep -qF "$be_net " "$be_keep" ||
      be_ip "$be_net" route del "$be_net" proto "$be_route_protocol" 2>/dev/null || :
    [ "$be_source" = - ] || grep -qF " $be_source " "$be_keep" ||
      be_ip "$be_source" addr del "$be_source" dev lo 2>/dev/null || :
  done <"$be_file"
}

# ---------------------------------------------------------------------------------------------------- charon

# Names of the connections in generation $1, one a line; nothing for no generation.
be_connections() {
  [ -n "$1" ] && [ -e "$1/files$be_conf" ] || return 0
  sed -n 's/^[[:blank:]]*\(mc-[^[:blank:]{]*\)[[:blank:]]*{.*/\1/p' "$1/files$be_conf"
}

# IKE SAs of connections that are no more. charon would go on with them, and rekey them, for ever. Nobody waits for the
# peers' answers.
be_drop_removed() {
  be_new=$NL$(be_connections "$2")$NL
  be_connections "$1" | while IFS= read -r be_name; do
    case $be_new in *"$NL$be_name$NL"*) continue ;; esac
    mc_run swanctl --terminate --ike "$be_name" --force --timeout -1 >/dev/null 2>&1 || case $? in 124 | 137) break ;; esac
  done
}

# Status 124 or 137: it runs and does not answer.
be_charon_answers() { mc_limit $((limit / 3)) swanctl --stats >/dev/null 2>&1; }

be_find_charon() {
  for be_charon in /usr/lib/ipsec/charon /usr/libexec/ipsec/charon /usr/lib/strongswan/charon /usr/libexec/strongswan/charon; do
    [ ! -x "$be_charon" ] || return 0
  done
  return 1
}

# Where systemd runs, charon is its business; elsewhere it becomes a daemon of its own.
be_start_charon() {
  be_started=
  if [ -d /run/systemd/system ]; then
    for be_unit in strongswan strongswan-starter ipsec; do
      mc_run systemctl start "$be_unit.service" >/dev/null 2>&1
      # One that takes long is not followed by another.
      case $? in 0 | 124 | 137) be_started=yes && break ;; esac
    done
  fi
  if [ -z "$be_started" ]; then
    be_find_charon || die activate "charon is not installed"
    setsid "$be_charon" </dev/null >/dev/null 2>&1 &
  fi
  mc_now
  be_last=$((now + limit))
  until be_charon_answers; do
    mc_now
    [ "$now" -le "$be_last" ] || die activate "charon was started but does not answer at $be_vici"
    sleep 0.5
  done
}

# runs | start | stop: for the original state.
be_daemon() {
  be_charon_answers
  set -- $? "$1"
  case $2:$1 in
    *:0 | *:124 | *:137) [ "$2" != stop ] || be_stop_charon ;; # one that hangs runs
    runs:*) return 1 ;;
    start:*) be_start_charon ;;
  esac
}

be_stop_charon() {
  if [ -d /run/systemd/system ]; then
    for be_unit in strongswan strongswan-starter ipsec; do
      ! mc_run systemctl is-active --quiet "$be_unit.service" || mc_run systemctl stop "$be_unit.service" || :
    done
    return
  fi
  mc_first /run/charon.pid
  be_pid=$line
  case $be_pid in '' | *[!0-9]*) return ;; esac
  mc_first "/proc/$be_pid/comm"
  [ "$line" = charon ] || return 0
  kill "$be_pid" 2>/dev/null
  mc_now
  be_last=$((now + limit))
  while [ -d "/proc/$be_pid" ]; do
    mc_now
    [ "$now" -le "$be_last" ] || die activate "charon (process $be_pid) does not end"
    sleep 0.5
  done
}

# A charon that died left its SAs in the kernel. Nobody would rekey them or notice that the peer dropped its half.
# Manual SAs of the same pairs come back at once.
be_drop_orphans() {
  [ -n "$1" ] && [ -e "$1/links.list" ] || return 0
  while read -r _ be_local be_remote _; do
    case "$be_local $be_remote" in '0.0.0.0 '* | *' 0.0.0.0' | ':: '* | *' ::') continue ;; esac
    for be_proto in esp ah comp; do
      printf 'xfrm state deleteall src %s dst %s proto %s\n' "$be_local" "$be_remote" "$be_proto" "$be_remote" "$be_local" "$be_proto"
    done
  done <"$1/links.list" | mc_run ip -force -batch - 2>&1 || :
  be_load_states "$1"
}

# What swanctl says, in $be_said, but for the plugins that it was built for and that are not installed: with Debian's
# strongswan.conf it names a dozen of them each time, and goes on without.
be_swanctl() {
  be_said=$(mc_run swanctl "$@" 2>&1)
  be_status=$?
  be_said=$(printf '%s\n' "$be_said" | sed "/^plugin '[^']*': failed to load/d")
  return $be_status
}

be_swanctl_or_die() { be_swanctl "$@" || die activate "swanctl $1: $(be_reason "$be_said")"; }

# strongswan.conf is read anew where one of the two generations sets something in it; else it is not ours to apply.
be_load_settings() {
  be_file_of "$1" "$be_settings" && be_keep=$be_file
  be_file_of "$2" "$be_settings"
  cmp -s "$be_keep" "$be_file" || be_swanctl_or_die --reload-settings
}

# swanctl exits 0 after a syntax error that unloaded everything, so its words count, not only its status.
be_load_credentials() {
  be_swanctl_or_die --load-creds --noprompt
  case $be_said in
    *'invalid config file'* | *'failed to load'* | *'config discarded'* | *'failed:'*)
      die activate "swanctl --load-creds: $(be_reason "$be_said")"
      ;;
  esac
}

# The one line of swanctl's words that says what is wrong.
be_reason() {
  printf '%s\n' "$1" | awk '
    /error|failed|invalid/ && why == "" { why = $0 }
    { last = $0 }
    END { print why == "" ? last : why }'
}

# An SA that the kernel refuses does not keep charon from its work.
be_reload() {
  be_bad=
  be_charon_answers
  case $? in
    0) ;;
    124 | 137) die activate "charon runs but does not answer at $be_vici" ;;
    *)
      # Nothing of ours to load and nobody who could have loaded it
      [ -n "$2" ] || return 0
      be_drop_orphans "$2"
      be_start_charon
      ;;
  esac
  be_load_settings "$1" "$2"
  be_load_credentials
  be_swanctl_or_die --load-conns
  case $be_said in
    *'invalid config file'*) die activate "swanctl --load-conns: $(be_reason "$be_said")" ;;
  esac
  be_have_connections "$2"
  be_drop_removed "$1" "$2"
  be_end
}

# Every connection of $1 is loaded, else the first one missing is named.
be_have_connections() {
  [ -n "$1" ] || return 0
  be_swanctl_or_die --list-conns
  be_lost=$({
    printf '%s\n--\n' "$be_said"
    be_connections "$1"
  } | LC_ALL=C awk '
    $0 == "--" { ours = 1; next }
    !ours && /^[^ \t].*: IKE/ { sub(/: IKE.*/, ""); have[$0] = 1 }
    ours && !($0 in have) { print; exit }')
  [ -z "$be_lost" ] || die activate "charon has not loaded connection $be_lost"
}

be_verify() {
  [ -n "$1" ] || return 0
  be_policy_file "$1"
  be_left=$(be_missing "$be_file") || die activate "cannot compare the kernel's policies"
  [ -z "$be_left" ] || die activate "the kernel does not have the policy: ${be_left%%"$NL"*}"
  be_file_of "$1" "$be_manual"
  be_left=$(be_missing_states "$be_file" | grep -c ' add ')
  [ "$be_left" = 0 ] || die activate "the kernel does not have $be_left manual SAs"
  be_have_connections "$1"
}

# ---------------------------------------------------------------------------------------------------- facts and checks

be_facts() {
  be_said=$(mc_run swanctl --help 2>&1) || :
  case $be_said in
    *'strongSwan '*)
      be_said=${be_said#*strongSwan }
      printf 'fact strongswan %s\n' "${be_said%% *}"
      ;;
  esac
  if mc_run ip xfrm policy count >/dev/null 2>&1; then printf 'fact xfrm yes\n'; else printf 'fact xfrm no\n'; fi
  be_fact_ikev1
}

# charon may be built without IKEv1, and is since 6.1.0. No command says so; its library then lacks the code, and with it
# the name of this function (task_manager.c).
be_fact_ikev1() {
  for be_folder in "$R/usr/lib" "$R/usr/lib64" "$R/usr/libexec" "$R/usr/local/lib"; do
    for be_library in "$be_folder/ipsec/libcharon.so.0" "$be_folder/strongswan/libcharon.so.0"; do
      [ -r "$be_library" ] || continue
      if LC_ALL=C grep -q task_manager_v1_create "$be_library"; then printf 'fact ikev1 yes\n'; else printf 'fact ikev1 no\n'; fi
      return 0
    done
  done
}

be_need() {
  command -v "$1" >/dev/null 2>&1 || die check "$1 is not installed (package $2)"
}

be_check() {
  be_need swanctl strongswan-swanctl
  be_need ip iproute2
  be_need awk mawk
  be_charon_answers || be_find_charon || [ -e /lib/systemd/system/strongswan.service ] ||
    die check "charon is not installed (package strongswan-charon)"
  be_said=$(mc_run ip xfrm policy count 2>&1) || die check "the kernel has no IPsec: ${be_said%%"$NL"*}"
  be_said=$(mc_ahead "$(be_others "$1" "$2")")
  [ -z "$be_said" ] || die check "$be_said (take it out of its program's settings, and 'ip xfrm policy delete' it)"
  [ ! -e "$1/files$be_settings" ] || grep -Eqs '^[[:blank:]]*include[[:blank:]]+(/etc/)?strongswan\.d/\*(\.conf)?' /etc/strongswan.conf ||
    die check "/etc/strongswan.conf does not include strongswan.d/*.conf"
  be_budget=262144
  be_includes=0
  be_foreign /etc/swanctl/swanctl.conf
  [ "$be_includes" != 0 ] || die check "/etc/swanctl/swanctl.conf does not include conf.d/*.conf"
}

# Prints an included file that is not ours as `foreign PATH LINE` lines, secrets masked, comments emptied (line numbers stay
# right), and follows its includes. The
# agent has no strict parser; the controller has, and must see a syntax error before it unloads every connection.
be_foreign() {
  case $1 in
    "$be_conf" | /etc/swanctl/conf.d/meshctl-secrets.conf) return 0 ;;
    *[!A-Za-z0-9._/@+-]*) die check "an included file has a name with odd characters: $1" ;;
  esac
  [ -r "$1" ] || die check "$1 is missing or not readable"
  be_size=$(wc -c <"$1") && be_budget=$((be_budget - be_size))
  [ "$be_budget" -ge 0 ] || die check "swanctl's files are larger than 256 KiB in all; reading ended at $1"
  sed 's/^[[:blank:]]*#.*//' "$1" | mc_mask | awk -v path="$1" '{ print "foreign " path " " $0 }'
  be_patterns=$(sed -n 's/^[[:blank:]]*include[[:blank:]]\{1,\}\([^[:blank:]#}"]*\).*/\1/p' "$1")
  [ -n "$be_patterns" ] || return 0
  [ "$1" = /etc/swanctl/swanctl.conf ] || die check "$1 includes other files; only swanctl.conf may"
  while IFS= read -r be_pattern; do
    case $be_pattern in
      /*) ;;
      *) be_pattern=/etc/swanctl/$be_pattern ;;
    esac
    case $be_pattern in '/etc/swanctl/conf.d/*.conf' | '/etc/swanctl/conf.d/*') be_includes=1 ;; esac
    # shellcheck disable=SC2086 # a glob
    for be_path in $be_pattern; do
      [ ! -f "$be_path" ] || be_foreign "$be_path"
    done
  done <<END
$be_patterns
END
}

# ---------------------------------------------------------------------------------------------------- links

# The children of generation $1, one a line: LOCAL REMOTE CONNECTION CHILD REQID LOCAL_TS REMOTE_TS
# LOCAL, REMOTE: the addresses outside, 0.0.0.0 or :: where one is not known.
be_selectors() {
  be_file_of "$1" "$be_conf"
  LC_ALL=C awk '
    function unknown(other) { return other ~ /:/ ? "::" : "0.0.0.0" }
    $2 == "{" {
      name[++depth] = $1
      if (depth == 2) local = remote = ""
    }
    $1 == "}" { depth-- }
    depth == 2 && $1 == "local_addrs" { local = $3 }
    depth == 2 && $1 == "remote_addrs" { remote = $3 }
    depth == 4 && $1 == "local_ts" { lts = $3 }
    depth == 4 && $1 == "remote_ts" { rts = $3 }
    depth == 4 && $1 == "reqid" {
      if (local == "") local = unknown(remote)
      if (remote == "%any") remote = unknown(local)
      print local, remote, name[2], name[4], $3, lts, rts
    }' "$be_file"
}

# Generation $1 -> one line for each protected piece of traffic:
#   LOCAL REMOTE CONNECTION CHILD REQID PROTOCOL FROM TO
# LOCAL, REMOTE: as above. PROTOCOL 0 = any. FROM, TO: addresses of the two
# ends inside that a ping can have, or `-`: the selector lets no ping pass, or a hole lets it pass in clear. Connection `manual` is
# none: its SAs are there for ever.
be_children() {
  be_policy_file "$1" && be_keep=$be_file
  be_file_of "$1" "$be_manual"
  be_selectors "$1" | LC_ALL=C awk -v policies="$be_keep" -v manual="$be_file" '
    function protocol(ts) { if (!sub(/.*\[/, "", ts)) return 0; sub(/[]\/].*/, "", ts); return ts }
    function inside(ts, own) {
      sub(/\[.*/, "", ts)
      if (ts == "dynamic") return own ~ /^(0\.0\.0\.0|::)$/ ? "-" : own
      return (ts ~ /:/ ? sub(/\/128$/, "", ts) : sub(/\/32$/, "", ts)) ? ts : "-"
    }
    function pings(proto, from, to,  all) {
      all = from ~ /:/ ? "::/0" : "0.0.0.0/0"
      if (from == "-" || to == "-" || (proto != 0 && proto != 1 && proto != 58)) return "- -"
      return ((all " " all) in open) || ((from " " to) in open) ? "- -" : from " " to
    }
    BEGIN {
      while ((getline < policies) > 0) {
        if ($0 ~ / proto (1|58) (type (8|128) )?dir out .*action (allow|block)/) {
          open[$5 " " $7]  # of all, or of two hosts
          if (sub(/\/(32|128)$/, "", $5) && sub(/\/(32|128)$/, "", $7)) open[$5 " " $7]
        }
      }
      close(policies)
    }
    { print $1, $2, $3, $4, $5, protocol($6), pings(protocol($6), inside($6, $1), inside($7, $2)) }
    END {
      while ((getline < manual) > 0) if ($1 == "xfrm" && !($13 in src)) { src[$13] = $5; dst[$13] = $7 }
      while ((getline < policies) > 0) {
        if ($1 != "xfrm" || $0 !~ / dir out .* reqid /) continue
        proto = 0
        for (i = 4; i < NF; i++) {
          if ($i == "proto" && !proto) proto = $(i + 1)
          if ($i == "dir" && !proto) proto = "0"
          if ($i == "reqid") { req = $(i + 1); break }
        }
        if (req in src) print src[req], dst[req], "manual", "m" (++count), req, proto + 0, pings(proto + 0, inside($5, ""), inside($7, ""))
      }
    }'
}

# `ip -s xfrm state` -> `SRC DST REQID PACKETS` lines of complete SAs.
be_states() {
  mc_run ip -s xfrm state list 2>/dev/null | LC_ALL=C awk '
    $1 == "src" && $3 == "dst" { src = $2; dst = $4; spi = "" }
    $1 == "proto" { for (i = 1; i < NF; i++) { if ($i == "reqid") req = $(i + 1); if ($i == "spi") spi = $(i + 1) } sub(/\(.*/, "", req); sub(/\(.*/, "", spi) }
    /\(packets\)/ && /\(bytes\),/ { n = $2; sub(/\(.*/, "", n); if (spi != "0x00000000") print src, dst, req, n }'
}

# $1: lines of children, as from be_children. Prints them with OUT IN added: packets each way, `-` for no SA. One of the two
# addresses is always known, and reqids are of one child each.
be_join_states() {
  {
    be_states
    printf -- '--\n%s\n' "$1"
  } | LC_ALL=C awk '
    $0 == "--" { ours = 1; next }
    $0 == "" { next }
    !ours { from = $3 " from " $1; to = $3 " to " $2; seen[from] = seen[to] = 1; packets[from] += $4; packets[to] += $4; next }
    {
      local = $1 !~ /^(0\.0\.0\.0|::)$/
      out = $5 (local ? " from " $1 : " to " $2); back = $5 (local ? " to " $1 : " from " $2)
      print $0, (out in seen) ? packets[out] + 0 : "-", (back in seen) ? packets[back] + 0 : "-"
    }'
}

# Brings up CONNECTION CHILD; the second try is for a peer that was busy with the first.
be_initiate() {
  mc_limit 20 swanctl --initiate --ike "$1" --child "$2" --timeout 10 >/dev/null 2>&1 ||
    mc_limit 20 swanctl --initiate --ike "$1" --child "$2" --timeout 10 >/dev/null 2>&1 || :
}

# links.list lines on standard input. The starting ends bring up what is not up yet, eight at a time; then both ends wait
# for the SAs, send a ping through those whose selector lets one pass, and look at the counters.
be_links() {
  be_asked=$(cat)
  [ -n "$be_asked" ] || return 0
  be_mine=$({
    printf '%s\n--\n' "$be_asked"
    be_children "$1"
  } | LC_ALL=C awk '
    $0 == "--" { ours = 1; next }
    !ours { role[$2 " " $3] = $4; next }
    ($1 " " $2) in role { print $0, role[$1 " " $2] }')
  be_jobs=0
  be_todo=$(be_join_states "$be_mine")
  while read -r _ _ be_name be_child _ _ _ _ be_role be_out be_in; do
    [ "$be_role" = initiator ] && [ "$be_name" != manual ] || continue
    [ "$be_out" = - ] || [ "$be_in" = - ] || continue
    be_initiate "$be_name" "$be_child" &
    be_jobs=$((be_jobs + 1))
    [ $((be_jobs % 8)) != 0 ] || wait
  done <<END
$be_todo
END
  wait
  be_wait_for_states
  be_ping_all
  be_report "$be_asked" "$be_now"
}

# Up to 20 s: the other end may be the one that starts. A peer of unknown address comes when it likes.
be_wait_for_states() {
  be_tries=0
  while [ "$be_tries" -lt 20 ]; do
    be_now=$(be_join_states "$be_mine")
    printf '%s\n' "$be_now" | awk '$2 !~ /^(0\.0\.0\.0|::)$/ && ($10 == "-" || $11 == "-") { exit 1 }' && return 0
    be_tries=$((be_tries + 1))
    sleep 1
  done
}

# Pings use the SAs, where one can.
be_ping_all() {
  be_jobs=0
  while read -r _ _ _ _ _ _ be_local be_remote _ be_out be_in; do
    [ -n "$be_in" ] && [ "$be_out" != - ] && [ "$be_in" != - ] || continue
    [ "$be_local" != - ] && [ "$be_remote" != - ] || continue
    mc_limit 20 ping -q -n -c 3 -i 0.3 -W 2 -I "$be_local" "$be_remote" >/dev/null 2>&1 &
    be_jobs=$((be_jobs + 1))
    [ $((be_jobs % 16)) != 0 ] || wait
  done <<END
$be_now
END
  wait
}

# One line for each pair asked for in $1. $2 are the states before the pings: packets must have moved since, since an SA
# from before the change proves nothing. None comes from a silent peer. A selector that no ping passes counts as up with its SAs alone.
be_report() {
  {
    printf '%s\n--\n' "$2"
    be_join_states "$be_mine"
    printf -- '--\n%s\n' "$1"
  } | LC_ALL=C awk '
    $0 == "--" { part++; next }
    part == 0 { out[$3 " " $4] = $10; back[$3 " " $4] = $11; next }
    part == 2 {
      k = $2 " " $3  # a pair that is not known has nothing to be negotiated
      if (!(k in why) && (k in mute) && $6 != "silent") why[k] = mute[k]
      print "link", $1, k, (k in why) ? "down " why[k] : "up"
      next
    }
    {
      k = $1 " " $2; child = $3 " " $4
      if ($10 == "-" || $11 == "-") {
        if ($2 !~ /^(0\.0\.0\.0|::)$/) why[k] = "no SA for " child
      }
      else if ($7 != "-" && $8 != "-") {
        if ($10 == out[child]) why[k] = "no packet left through the SA of " child
        else if ($11 == back[child]) mute[k] = "no packet came back through the SA of " child
      }
    }'
}

be_status() {
  be_ill=
  if be_charon_answers; then
    (be_have_connections "$1") >/dev/null 2>&1 || { be_ill=yes && echo "health connections charon has not loaded all connections"; }
  else
    be_ill=yes && echo "health charon charon does not run or does not answer"
  fi
  be_policy_file "$1"
  be_left=$(be_missing "$be_file" | wc -l)
  [ "$be_left" -eq 0 ] || { be_ill=yes && echo "health policies $be_left policies are missing in the kernel or differ"; }
  be_left=$(be_open "$be_file")
  [ -z "$be_left" ] || { be_ill=yes && echo "health open traffic may pass in clear, the first policy without effect: ${be_left%%"$NL"*}"; }
  be_file_of "$1" "$be_manual"
  be_left=$(be_missing_states "$be_file" | grep -c ' add ')
  [ "$be_left" = 0 ] || { be_ill=yes && echo "health states $be_left manual SAs are missing in the kernel or differ"; }
  be_left=$(mc_ahead "$(be_others "$1")")
  [ -z "$be_left" ] || { be_ill=yes && echo "health foreign $be_left"; }
  [ -n "$be_ill" ] || echo "health ok charon runs, all policies are loaded"
  [ -z "$(be_connections "$1")" ] || mc_starts_at_boot "$1" charon strongswan.service strongswan-starter.service ipsec.service
  be_link_states "$1" | { be_missing_by_pair "$1" && echo --- && cat; } | mc_mark_links
}

# The `link` lines of generation $1 as far as SAs tell.
be_link_states() {
  {
    be_join_states "$(be_children "$1" | sed 's/$/ -/')"
    printf -- '--\n'
    cat "$1/links.list"
  } | LC_ALL=C awk '
    $0 == "--" { links = 1; next }
    !links {
      k = $1 " " $2
      all[k]++
      if ($10 != "-" && $11 != "-") { up[k]++; out[k] += $10; back[k] += $11 }
      next
    }
    {
      k = $2 " " $3
      if (!(k in all)) print "link", $1, k, "up nothing is negotiated"
      else if (up[k] == all[k]) print "link", $1, k, "up", out[k] + 0, "packets out,", back[k] + 0, "in"
      else if (up[k] > 0) print "link", $1, k, "up", up[k] " of " all[k] " selectors have SAs"
      else print "link", $1, k, "idle no SA yet"
    }'
}
