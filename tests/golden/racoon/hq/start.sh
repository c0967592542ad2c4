#!/bin/sh
# Starts racoon of host hq at boot, made by meshctl. One that runs is left alone.
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
/etc/racoon/firewall.nftables up
pid='' name=''
{ read -r pid </var/run/racoon.pid && read -r name <"/proc/$pid/comm"; } 2>/dev/null
[ "$name" != racoon ] || exit 0
if [ -d /run/systemd/system ] && timeout 20 systemctl cat racoon.service >/dev/null 2>&1; then
  exec timeout 120 systemctl start racoon.service
fi
exec timeout 60 racoon -f /etc/racoon/racoon.conf
