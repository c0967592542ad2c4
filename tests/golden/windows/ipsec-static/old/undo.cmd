@echo off
rem Takes back what apply.cmd of meshctl did on host old. Run it as Administrator; running it again does no harm.
rem Another policy that was assigned before has to be assigned again by hand.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
netsh ipsec static set policy name="meshctl-guide-a" assign=no >nul 2>&1
netsh ipsec static delete policy name="meshctl-guide-a" >nul 2>&1
set "AT=meshctl-guide-a is still there"
netsh ipsec static show policy name="meshctl-guide-a" level=normal >nul 2>&1
if not errorlevel 1 goto failed
netsh ipsec static delete filterlist name="meshctl-guide-ssh-controller-1-a" >nul 2>&1
netsh ipsec static delete filterlist name="meshctl-guide-ssh-controller-2-a" >nul 2>&1
netsh ipsec static delete filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-a" >nul 2>&1
netsh ipsec static delete filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-a" >nul 2>&1
netsh ipsec static delete filteraction name="meshctl-guide-3DES-SHA1-60min-100000kb-a" >nul 2>&1
netsh ipsec static delete filteraction name="meshctl-guide-permit-a" >nul 2>&1
netsh ipsec static set policy name="meshctl-guide-b" assign=no >nul 2>&1
netsh ipsec static delete policy name="meshctl-guide-b" >nul 2>&1
set "AT=meshctl-guide-b is still there"
netsh ipsec static show policy name="meshctl-guide-b" level=normal >nul 2>&1
if not errorlevel 1 goto failed
netsh ipsec static delete filterlist name="meshctl-guide-ssh-controller-1-b" >nul 2>&1
netsh ipsec static delete filterlist name="meshctl-guide-ssh-controller-2-b" >nul 2>&1
netsh ipsec static delete filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-b" >nul 2>&1
netsh ipsec static delete filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-b" >nul 2>&1
netsh ipsec static delete filteraction name="meshctl-guide-3DES-SHA1-60min-100000kb-b" >nul 2>&1
netsh ipsec static delete filteraction name="meshctl-guide-permit-b" >nul 2>&1
if exist "%S%\side.txt" del /f /q "%S%\side.txt"
echo MESHCTL-RC=0
exit /b 0

:failed
echo MESHCTL-FAILED=%AT%
echo MESHCTL-RC=20
exit /b 20
