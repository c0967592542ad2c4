#!/bin/sh
# Loads what host {{host}} needs before its network comes up, made by meshctl. Runs any number of times, deletes nothing.
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
modprobe -q -a xfrm_user{{#each modules}} {{module}}{{/each}} 2>/dev/null
{{#if has_manual}}
# Those that are there already stay: that ip says so is no fault.
timeout 60 ip -force -batch {{folder}}/states.xfrm 2>/dev/null
{{/if}}
# One that the kernel refuses does not keep the others back.
timeout 60 ip -force -batch {{folder}}/policies.xfrm
