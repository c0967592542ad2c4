@echo off
rem IP Security Policy of host old, made by meshctl. Run it as Administrator; running it again does no harm.
rem The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.cmd takes all of it back.
rem A policy beside the one in use is built, then assigned in its place, so that no protection lapses.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "F=%~dp0"
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
set "AT=the folder of the keys"
icacls "%F%rules" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
set "AT=the state folder"
if not exist "%S%" mkdir "%S%"
if not exist "%S%" goto failed
icacls "%S%" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
if exist "%S%\wanted.txt" del /f /q "%S%\wanted.txt"
rem No policy acts while these services are stopped, and Windows starts them when something asks for them. What they were is kept for undo.cmd.
set "AT=the service ikeext"
call :need_service ikeext
if not "%errorlevel%"=="0" goto failed
set "AT=the service policyagent"
call :need_service policyagent
if not "%errorlevel%"=="0" goto failed
if not exist "%S%\policies.txt" type nul >"%S%\policies.txt"
set "SIDE="
if exist "%S%\side.txt" set /p SIDE=<"%S%\side.txt"
if "%SIDE%"=="a" goto have_a
if "%SIDE%"=="b" goto have_b
goto make_a

rem An earlier run may have been cut off: the complete policy is assigned before the other one is made anew.
:have_a
netsh ipsec static set policy name="meshctl-guide-a" assign=yes >nul 2>&1
goto make_b

:make_a
for /f "usebackq tokens=1,2" %%K in ("%S%\policies.txt") do call :left_of_a %%K %%L
set "AT=%LEFT% of an earlier run does not go"
if defined LEFT goto failed
set "AT=meshctl-guide-a"
call :ours policy meshctl-guide-a
netsh ipsec static add policy name="meshctl-guide-a" description="old" mmpfs=no mmlifetime=480 activatedefaultrule=no assign=no mmsecmethods="3DES-SHA1-3"
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-3DES-SHA1-60min-100000kb-a"
call :ours filteraction meshctl-guide-3DES-SHA1-60min-100000kb-a
netsh ipsec static add filteraction name="meshctl-guide-3DES-SHA1-60min-100000kb-a" qmpfs=no inpass=no soft=no action=negotiate qmsecmethods="ESP[3DES,SHA1]:100000k/3600s"
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-permit-a"
call :ours filteraction meshctl-guide-permit-a
netsh ipsec static add filteraction name="meshctl-guide-permit-a" action=permit
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-a"
call :ours filterlist meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-a
netsh ipsec static add filterlist name="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-a"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-a" srcaddr=192.0.2.32 dstaddr=192.0.2.31 protocol=tcp mirrored=yes srcport=22 dstport=0
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add rule name="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-a" policy="meshctl-guide-a" filterlist="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-a" filteraction="meshctl-guide-permit-a" conntype=all activate=yes kerberos=yes
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-a"
call :ours filterlist meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-a
netsh ipsec static add filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-a"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-a" srcaddr=192.0.2.32 dstaddr=192.0.2.31 protocol=tcp mirrored=yes srcport=445 dstport=0
if not "%errorlevel%"=="0" goto failed
netsh -f "%F%rules\linux-192.0.2.32-192.0.2.31-tcp-445-any.a" >nul
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-a"
call :ours filterlist meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-a
netsh ipsec static add filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-a"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-a" srcaddr=192.0.2.32 dstaddr=192.0.2.31 protocol=ICMP mirrored=yes
if not "%errorlevel%"=="0" goto failed
netsh -f "%F%rules\linux-192.0.2.32-192.0.2.31-icmpv4.a" >nul
if not "%errorlevel%"=="0" goto failed
set "AT=assigning meshctl-guide-a"
netsh ipsec static set policy name="meshctl-guide-a" assign=yes
if not "%errorlevel%"=="0" goto failed
>"%S%\side.txt" echo a
goto done

rem An earlier run may have been cut off: the complete policy is assigned before the other one is made anew.
:have_b
netsh ipsec static set policy name="meshctl-guide-b" assign=yes >nul 2>&1
goto make_a

:make_b
for /f "usebackq tokens=1,2" %%K in ("%S%\policies.txt") do call :left_of_b %%K %%L
set "AT=%LEFT% of an earlier run does not go"
if defined LEFT goto failed
set "AT=meshctl-guide-b"
call :ours policy meshctl-guide-b
netsh ipsec static add policy name="meshctl-guide-b" description="old" mmpfs=no mmlifetime=480 activatedefaultrule=no assign=no mmsecmethods="3DES-SHA1-3"
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-3DES-SHA1-60min-100000kb-b"
call :ours filteraction meshctl-guide-3DES-SHA1-60min-100000kb-b
netsh ipsec static add filteraction name="meshctl-guide-3DES-SHA1-60min-100000kb-b" qmpfs=no inpass=no soft=no action=negotiate qmsecmethods="ESP[3DES,SHA1]:100000k/3600s"
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-permit-b"
call :ours filteraction meshctl-guide-permit-b
netsh ipsec static add filteraction name="meshctl-guide-permit-b" action=permit
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-b"
call :ours filterlist meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-b
netsh ipsec static add filterlist name="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-b"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-b" srcaddr=192.0.2.32 dstaddr=192.0.2.31 protocol=tcp mirrored=yes srcport=22 dstport=0
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add rule name="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-b" policy="meshctl-guide-b" filterlist="meshctl-guide-ssh-controller-22-any-192.0.2.32-192.0.2.31-b" filteraction="meshctl-guide-permit-b" conntype=all activate=yes kerberos=yes
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-b"
call :ours filterlist meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-b
netsh ipsec static add filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-b"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="meshctl-guide-linux-192.0.2.32-192.0.2.31-tcp-445-any-b" srcaddr=192.0.2.32 dstaddr=192.0.2.31 protocol=tcp mirrored=yes srcport=445 dstport=0
if not "%errorlevel%"=="0" goto failed
netsh -f "%F%rules\linux-192.0.2.32-192.0.2.31-tcp-445-any.b" >nul
if not "%errorlevel%"=="0" goto failed
set "AT=meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-b"
call :ours filterlist meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-b
netsh ipsec static add filterlist name="meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-b"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="meshctl-guide-linux-192.0.2.32-192.0.2.31-icmpv4-b" srcaddr=192.0.2.32 dstaddr=192.0.2.31 protocol=ICMP mirrored=yes
if not "%errorlevel%"=="0" goto failed
netsh -f "%F%rules\linux-192.0.2.32-192.0.2.31-icmpv4.b" >nul
if not "%errorlevel%"=="0" goto failed
set "AT=assigning meshctl-guide-b"
netsh ipsec static set policy name="meshctl-guide-b" assign=yes
if not "%errorlevel%"=="0" goto failed
>"%S%\side.txt" echo b
goto done

rem What is no longer wanted goes last: the policy that was in use before, and what it was made of.
:done
for /f "usebackq tokens=1,2" %%K in ("%S%\policies.txt") do call :drop %%K %%L
set "AT=%LEFT% is not wanted any more, and does not go"
if defined LEFT goto failed
set "AT=the list of what is ours"
move /y "%S%\wanted.txt" "%S%\policies.txt" >nul
if not "%errorlevel%"=="0" goto failed
echo MESHCTL-RC=0
exit /b 0

rem KIND NAME: into policies.txt before it is made.
:ours
set "KEEP_%~1_%~2=1"
>>"%S%\wanted.txt" echo %~1 %~2
>>"%S%\policies.txt" echo %~1 %~2
exit /b 0

:left_of_a
set "NAME=%~2"
if "%NAME:~-2%"=="-a" call :drop %~1 %~2
exit /b 0

:left_of_b
set "NAME=%~2"
if "%NAME:~-2%"=="-b" call :drop %~1 %~2
exit /b 0

rem KIND NAME, a line of policies.txt, goes unless KEEP_KIND_NAME says that it is wanted. LEFT: it is still there.
:drop
if not defined KEEP_%~1_%~2 goto drop_%~1
exit /b 0

:drop_policy
netsh ipsec static set policy name="%~2" assign=no >nul 2>&1
netsh ipsec static delete policy name="%~2" >nul 2>&1
netsh ipsec static show policy name="%~2" level=normal >nul 2>&1
if not errorlevel 1 set "LEFT=%~2"
exit /b 0

:drop_filterlist
netsh ipsec static delete filterlist name="%~2" >nul 2>&1
netsh ipsec static show filterlist name="%~2" level=normal >nul 2>&1
if not errorlevel 1 set "LEFT=%~2"
exit /b 0

:drop_filteraction
netsh ipsec static delete filteraction name="%~2" >nul 2>&1
netsh ipsec static show filteraction name="%~2" level=normal >nul 2>&1
if not errorlevel 1 set "LEFT=%~2"
exit /b 0

:failed
echo MESHCTL-FAILED=%AT%
echo MESHCTL-RC=20
exit /b 20

rem SERVICE runs, and starts with Windows from now on. One that is disabled is so by somebody's decision, which stands.
:need_service
sc qc %~1 >"%S%\service.txt"
find "DISABLED" "%S%\service.txt" >nul
if not errorlevel 1 exit /b 1
find "DEMAND_START" "%S%\service.txt" >nul
if not errorlevel 1 >"%S%\%~1.start" echo demand
sc config %~1 start= auto >nul
if not "%errorlevel%"=="0" exit /b 1
sc start %~1 >nul
set "TRIES="
:service_starts
sc query %~1 >"%S%\service.txt"
find "RUNNING" "%S%\service.txt" >nul
if not errorlevel 1 goto service_runs
set "TRIES=%TRIES%."
if "%TRIES%"==".............................." exit /b 1
ping -n 2 127.0.0.1 >nul
goto service_starts
:service_runs
del /f /q "%S%\service.txt"
exit /b 0
