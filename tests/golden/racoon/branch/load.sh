#!/bin/sh
# Loads what host branch needs before its network comes up, made by meshctl. Runs any number of times, deletes nothing.
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
modprobe -q -a af_key xfrm_user esp4 esp6 ipcomp ipcomp6 2>/dev/null
said=$(setkey -f /etc/racoon/setkey.conf 2>&1) && [ -z "$said" ] && exit 0
# setkey's exit status does not tell of what the kernel refused.
printf 'meshctl: %s\n' "${said:-setkey failed}" >&2
exit 1
