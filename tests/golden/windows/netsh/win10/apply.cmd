@echo off
rem Connection-security rules of host win10, made by meshctl. Run it as Administrator; running it again does no harm.
rem The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.cmd takes all of it back.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "F=%~dp0"
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
set "AT=the state folder"
if not exist "%S%" mkdir "%S%"
if not exist "%S%" goto failed
icacls "%S%" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
set "AT=the folder of the keys"
icacls "%F%rules" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
set "AT=a copy of the policy as it was before meshctl came"
if exist "%S%\original.wfw" goto kept
netsh advfirewall export "%S%\original.wfw" >nul
if not "%errorlevel%"=="0" goto failed
:kept
if exist "%S%\wanted.txt" del /f /q "%S%\wanted.txt"
rem No rule acts while this service is stopped, and Windows starts it when something asks for it. What it was is kept for undo.cmd.
set "AT=the service ikeext"
call :need_service ikeext
if not "%errorlevel%"=="0" goto failed

set "AT=set global ipsec strongcrlcheck"
call :restore_revocation
if defined LEFT goto failed

rem What passes in clear, so that nothing is shut out on the way.
set "AT=set global ipsec defaultexemptions"
netsh advfirewall set global ipsec defaultexemptions neighbordiscovery,dhcp
if not "%errorlevel%"=="0" goto failed

set "AT=meshctl-office-bypass-47-any"
set "KEEP_consec_meshctl-office-bypass-47-any=1"
>>"%S%\wanted.txt" echo consec meshctl-office-bypass-47-any
netsh advfirewall consec show rule name="meshctl-office-bypass-47-any" >nul 2>&1
if errorlevel 1 goto add1
netsh advfirewall consec set rule name="meshctl-office-bypass-47-any" new endpoint1=any endpoint2=any action=noauthentication description="office: in clear" mode=transport enable=yes profile=any type=static protocol=47
if not "%errorlevel%"=="0" goto failed
goto done1
:add1
>>"%S%\owned.txt" echo consec meshctl-office-bypass-47-any
netsh advfirewall consec add rule name="meshctl-office-bypass-47-any" endpoint1=any endpoint2=any action=noauthentication description="office: in clear" mode=transport enable=yes profile=any type=static protocol=47
if not "%errorlevel%"=="0" goto failed
:done1

set "AT=meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1"
set "KEEP_consec_meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1=1"
>>"%S%\wanted.txt" echo consec meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1
netsh advfirewall consec show rule name="meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1" >nul 2>&1
if errorlevel 1 goto add2
netsh advfirewall consec set rule name="meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1" new endpoint1=192.0.2.10 endpoint2=192.0.2.1 action=noauthentication description="office: in clear" mode=transport enable=yes profile=any type=static port1=22 port2=any protocol=tcp
if not "%errorlevel%"=="0" goto failed
goto done2
:add2
>>"%S%\owned.txt" echo consec meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1
netsh advfirewall consec add rule name="meshctl-office-ssh-controller-22-any-192.0.2.10-192.0.2.1" endpoint1=192.0.2.10 endpoint2=192.0.2.1 action=noauthentication description="office: in clear" mode=transport enable=yes profile=any type=static port1=22 port2=any protocol=tcp
if not "%errorlevel%"=="0" goto failed
:done2

set "AT=meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1"
set "KEEP_consec_meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1=1"
>>"%S%\wanted.txt" echo consec meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1
netsh advfirewall consec show rule name="meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1" >nul 2>&1
if errorlevel 1 goto add3
netsh advfirewall consec set rule name="meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1" new endpoint1=192.0.2.10 endpoint2=192.0.2.1 action=noauthentication description="office: in clear" mode=transport enable=yes profile=any type=static port1=any port2=53 protocol=udp
if not "%errorlevel%"=="0" goto failed
goto done3
:add3
>>"%S%\owned.txt" echo consec meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1
netsh advfirewall consec add rule name="meshctl-office-bypass-udp-any-53-192.0.2.10-192.0.2.1" endpoint1=192.0.2.10 endpoint2=192.0.2.1 action=noauthentication description="office: in clear" mode=transport enable=yes profile=any type=static port1=any port2=53 protocol=udp
if not "%errorlevel%"=="0" goto failed
:done3

set "AT=meshctl-office-alice-192.0.2.10-192.0.2.1-mm"
set "KEEP_mainmode_meshctl-office-alice-192.0.2.10-192.0.2.1-mm=1"
>>"%S%\wanted.txt" echo mainmode meshctl-office-alice-192.0.2.10-192.0.2.1-mm
netsh advfirewall mainmode show rule name="meshctl-office-alice-192.0.2.10-192.0.2.1-mm" >nul 2>&1
if errorlevel 1 goto add5
netsh -f "%F%rules\alice-192.0.2.10-192.0.2.1-mm.set" >nul
if not "%errorlevel%"=="0" goto failed
goto done5
:add5
>>"%S%\owned.txt" echo mainmode meshctl-office-alice-192.0.2.10-192.0.2.1-mm
netsh -f "%F%rules\alice-192.0.2.10-192.0.2.1-mm.add" >nul
if not "%errorlevel%"=="0" goto failed
:done5

set "AT=meshctl-office-alice-2001_db8__10-2001_db8__1-mm"
set "KEEP_mainmode_meshctl-office-alice-2001_db8__10-2001_db8__1-mm=1"
>>"%S%\wanted.txt" echo mainmode meshctl-office-alice-2001_db8__10-2001_db8__1-mm
netsh advfirewall mainmode show rule name="meshctl-office-alice-2001_db8__10-2001_db8__1-mm" >nul 2>&1
if errorlevel 1 goto add6
netsh -f "%F%rules\alice-2001_db8__10-2001_db8__1-mm.set" >nul
if not "%errorlevel%"=="0" goto failed
goto done6
:add6
>>"%S%\owned.txt" echo mainmode meshctl-office-alice-2001_db8__10-2001_db8__1-mm
netsh -f "%F%rules\alice-2001_db8__10-2001_db8__1-mm.add" >nul
if not "%errorlevel%"=="0" goto failed
:done6

set "AT=meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm"
set "KEEP_mainmode_meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm=1"
>>"%S%\wanted.txt" echo mainmode meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm
netsh advfirewall mainmode show rule name="meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm" >nul 2>&1
if errorlevel 1 goto add7
netsh advfirewall mainmode set rule name="meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm" new mmsecmethods=ecdhp384:aes256-sha384 mmkeylifetime=60min,0sess enable=yes profile=any endpoint1=192.0.2.10 endpoint2=192.0.2.8 auth1=computerkerb type=static
if not "%errorlevel%"=="0" goto failed
goto done7
:add7
>>"%S%\owned.txt" echo mainmode meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm
netsh advfirewall mainmode add rule name="meshctl-office-filesrv-192.0.2.10-192.0.2.8-mm" mmsecmethods=ecdhp384:aes256-sha384 mmkeylifetime=60min,0sess enable=yes profile=any endpoint1=192.0.2.10 endpoint2=192.0.2.8 auth1=computerkerb type=static
if not "%errorlevel%"=="0" goto failed
:done7

set "AT=meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm"
set "KEEP_mainmode_meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm=1"
>>"%S%\wanted.txt" echo mainmode meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm
netsh advfirewall mainmode show rule name="meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm" >nul 2>&1
if errorlevel 1 goto add8
netsh advfirewall mainmode set rule name="meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm" new mmsecmethods=ecdhp384:aes256-sha384 mmkeylifetime=60min,0sess enable=yes profile=any endpoint1=2001:db8::10 endpoint2=2001:db8::8 auth1=computerkerb type=static
if not "%errorlevel%"=="0" goto failed
goto done8
:add8
>>"%S%\owned.txt" echo mainmode meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm
netsh advfirewall mainmode add rule name="meshctl-office-filesrv-2001_db8__10-2001_db8__8-mm" mmsecmethods=ecdhp384:aes256-sha384 mmkeylifetime=60min,0sess enable=yes profile=any endpoint1=2001:db8::10 endpoint2=2001:db8::8 auth1=computerkerb type=static
if not "%errorlevel%"=="0" goto failed
:done8

set "AT=meshctl-office-alice-192.0.2.10-192.0.2.1-any"
set "KEEP_consec_meshctl-office-alice-192.0.2.10-192.0.2.1-any=1"
>>"%S%\wanted.txt" echo consec meshctl-office-alice-192.0.2.10-192.0.2.1-any
netsh advfirewall consec show rule name="meshctl-office-alice-192.0.2.10-192.0.2.1-any" >nul 2>&1
if errorlevel 1 goto add10
netsh -f "%F%rules\alice-192.0.2.10-192.0.2.1-any.set" >nul
if not "%errorlevel%"=="0" goto failed
goto done10
:add10
>>"%S%\owned.txt" echo consec meshctl-office-alice-192.0.2.10-192.0.2.1-any
netsh -f "%F%rules\alice-192.0.2.10-192.0.2.1-any.add" >nul
if not "%errorlevel%"=="0" goto failed
:done10

set "AT=meshctl-office-alice-2001_db8__10-2001_db8__1-any"
set "KEEP_consec_meshctl-office-alice-2001_db8__10-2001_db8__1-any=1"
>>"%S%\wanted.txt" echo consec meshctl-office-alice-2001_db8__10-2001_db8__1-any
netsh advfirewall consec show rule name="meshctl-office-alice-2001_db8__10-2001_db8__1-any" >nul 2>&1
if errorlevel 1 goto add11
netsh -f "%F%rules\alice-2001_db8__10-2001_db8__1-any.set" >nul
if not "%errorlevel%"=="0" goto failed
goto done11
:add11
>>"%S%\owned.txt" echo consec meshctl-office-alice-2001_db8__10-2001_db8__1-any
netsh -f "%F%rules\alice-2001_db8__10-2001_db8__1-any.add" >nul
if not "%errorlevel%"=="0" goto failed
:done11

set "AT=meshctl-office-filesrv-192.0.2.10-192.0.2.8-any"
set "KEEP_consec_meshctl-office-filesrv-192.0.2.10-192.0.2.8-any=1"
>>"%S%\wanted.txt" echo consec meshctl-office-filesrv-192.0.2.10-192.0.2.8-any
netsh advfirewall consec show rule name="meshctl-office-filesrv-192.0.2.10-192.0.2.8-any" >nul 2>&1
if errorlevel 1 goto add12
netsh advfirewall consec set rule name="meshctl-office-filesrv-192.0.2.10-192.0.2.8-any" new endpoint1=192.0.2.10 endpoint2=192.0.2.8 action=requireinrequireout description="office: win10 with filesrv, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computerkerb qmpfs=ecdhp384 qmsecmethods=esp:aesgcm256-aesgcm256+30min+2147483647kb
if not "%errorlevel%"=="0" goto failed
goto done12
:add12
>>"%S%\owned.txt" echo consec meshctl-office-filesrv-192.0.2.10-192.0.2.8-any
netsh advfirewall consec add rule name="meshctl-office-filesrv-192.0.2.10-192.0.2.8-any" endpoint1=192.0.2.10 endpoint2=192.0.2.8 action=requireinrequireout description="office: win10 with filesrv, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computerkerb qmpfs=ecdhp384 qmsecmethods=esp:aesgcm256-aesgcm256+30min+2147483647kb
if not "%errorlevel%"=="0" goto failed
:done12

set "AT=meshctl-office-filesrv-2001_db8__10-2001_db8__8-any"
set "KEEP_consec_meshctl-office-filesrv-2001_db8__10-2001_db8__8-any=1"
>>"%S%\wanted.txt" echo consec meshctl-office-filesrv-2001_db8__10-2001_db8__8-any
netsh advfirewall consec show rule name="meshctl-office-filesrv-2001_db8__10-2001_db8__8-any" >nul 2>&1
if errorlevel 1 goto add13
netsh advfirewall consec set rule name="meshctl-office-filesrv-2001_db8__10-2001_db8__8-any" new endpoint1=2001:db8::10 endpoint2=2001:db8::8 action=requireinrequireout description="office: win10 with filesrv, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computerkerb qmpfs=ecdhp384 qmsecmethods=esp:aesgcm256-aesgcm256+30min+2147483647kb
if not "%errorlevel%"=="0" goto failed
goto done13
:add13
>>"%S%\owned.txt" echo consec meshctl-office-filesrv-2001_db8__10-2001_db8__8-any
netsh advfirewall consec add rule name="meshctl-office-filesrv-2001_db8__10-2001_db8__8-any" endpoint1=2001:db8::10 endpoint2=2001:db8::8 action=requireinrequireout description="office: win10 with filesrv, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computerkerb qmpfs=ecdhp384 qmsecmethods=esp:aesgcm256-aesgcm256+30min+2147483647kb
if not "%errorlevel%"=="0" goto failed
:done13

rem What is no longer wanted goes last.
if not exist "%S%\wanted.txt" type nul >"%S%\wanted.txt"
if not exist "%S%\owned.txt" goto known
for /f "usebackq tokens=1,2" %%K in ("%S%\owned.txt") do call :drop %%K %%L
set "AT=%LEFT% is not wanted any more, and does not go"
if defined LEFT goto failed
:known
set "AT=the list of what is ours"
move /y "%S%\wanted.txt" "%S%\owned.txt" >nul
if not "%errorlevel%"=="0" goto failed
echo MESHCTL-RC=0
exit /b 0

rem KIND NAME, a line of owned.txt, goes unless KEEP_KIND_NAME says that it is wanted. LEFT: it is still there.
:drop
if not defined KEEP_%~1_%~2 goto drop_%~1
exit /b 0

:drop_consec
netsh advfirewall consec delete rule name="%~2" >nul 2>&1
netsh advfirewall consec show rule name="%~2" >nul 2>&1
if not errorlevel 1 set "LEFT=%~2"
exit /b 0

:drop_mainmode
netsh advfirewall mainmode delete rule name="%~2" >nul 2>&1
netsh advfirewall mainmode show rule name="%~2" >nul 2>&1
if not errorlevel 1 set "LEFT=%~2"
exit /b 0

rem A certificate leaves its key behind, so that goes after it. Where the key lies, and whose it is, is what stands behind
rem the two equals signs with blanks around them, whatever the words before them are called in this language.
:drop_My
set "KEY="
set "PROVIDER="
certutil -store My %~2 2>nul | find " = " >"%S%\key.txt"
for /f "usebackq tokens=1* delims==" %%A in ("%S%\key.txt") do call :key_line %%B
del /f /q "%S%\key.txt"
call :drop_certificate My %~2
if defined PROVIDER certutil -csp "%PROVIDER%" -delkey "%KEY%" >nul 2>&1
exit /b 0
:key_line
if defined KEY if not defined PROVIDER set "PROVIDER=%*"
if not defined KEY set "KEY=%*"
exit /b 0

rem What strongcrlcheck was before apply.cmd set it. LEFT: it does not come back.
:restore_revocation
if not exist "%S%\strongcrlcheck.txt" exit /b 0
netsh -f "%S%\strongcrlcheck.txt" >nul
if not "%errorlevel%"=="0" set "LEFT=strongcrlcheck"
if not defined LEFT del /f /q "%S%\strongcrlcheck.txt"
exit /b 0

:drop_Root
:drop_CA
:drop_certificate
certutil -delstore %~1 %~2 >nul 2>&1
certutil -store %~1 %~2 >nul 2>&1
if "%errorlevel%"=="0" set "LEFT=%~2"
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
