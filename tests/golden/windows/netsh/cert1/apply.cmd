@echo off
rem Connection-security rules of host cert1, made by meshctl. Run it as Administrator; running it again does no harm.
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

rem Certificates: CAs as trusted roots, this host's own with its private key. What a store has already is left as it is,
rem then and when all is taken back.
set "AT=ca-1.cer"
call :certificate Root 856af9e833e28f507c9a7883d409829dc558cf6e "%F%ca-1.cer"
if not "%errorlevel%"=="0" goto failed
set "AT=crl-1.crl"
call :certificate CA 00112233445566778899aabbccddeeff00112233 "%F%crl-1.crl"
if not "%errorlevel%"=="0" goto failed
set "AT=host.pfx"
icacls "%F%host.pfx" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F >nul
if not "%errorlevel%"=="0" goto failed
call :certificate My 856af9e833e28f507c9a7883d409829dc558cf6e "%F%host.pfx"
if not "%errorlevel%"=="0" goto failed

rem Whoever is on the revocation list gets no SA. What the setting was is kept for undo.cmd.
if exist "%S%\strongcrlcheck.txt" goto revocation
set "AT=show global ipsec"
netsh advfirewall show global ipsec >"%S%\global.txt"
if not "%errorlevel%"=="0" goto failed
for /f "usebackq tokens=1,2 delims=: " %%K in ("%S%\global.txt") do call :setting %%K %%L
del /f /q "%S%\global.txt"
:revocation
set "AT=set global ipsec strongcrlcheck"
netsh advfirewall set global ipsec strongcrlcheck 1
if not "%errorlevel%"=="0" goto failed

rem What passes in clear, so that nothing is shut out on the way.
set "AT=set global ipsec defaultexemptions"
netsh advfirewall set global ipsec defaultexemptions none
if not "%errorlevel%"=="0" goto failed

rem Main mode (phase 1) of this machine.
set "AT=set global mainmode mmsecmethods"
netsh advfirewall set global mainmode mmsecmethods dhgroup14:aes256-sha256
if not "%errorlevel%"=="0" goto failed
set "AT=set global mainmode mmkeylifetime"
netsh advfirewall set global mainmode mmkeylifetime 480min,0sess
if not "%errorlevel%"=="0" goto failed

set "AT=meshctl-lab-cert2-192.0.2.21-192.0.2.22-any"
set "KEEP_consec_meshctl-lab-cert2-192.0.2.21-192.0.2.22-any=1"
>>"%S%\wanted.txt" echo consec meshctl-lab-cert2-192.0.2.21-192.0.2.22-any
netsh advfirewall consec show rule name="meshctl-lab-cert2-192.0.2.21-192.0.2.22-any" >nul 2>&1
if errorlevel 1 goto add3
netsh advfirewall consec set rule name="meshctl-lab-cert2-192.0.2.21-192.0.2.22-any" new endpoint1=192.0.2.21 endpoint2=192.0.2.22 action=requireinrequireout description="lab: cert1 with cert2, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+2147483647kb
if not "%errorlevel%"=="0" goto failed
goto done3
:add3
>>"%S%\owned.txt" echo consec meshctl-lab-cert2-192.0.2.21-192.0.2.22-any
netsh advfirewall consec add rule name="meshctl-lab-cert2-192.0.2.21-192.0.2.22-any" endpoint1=192.0.2.21 endpoint2=192.0.2.22 action=requireinrequireout description="lab: cert1 with cert2, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+2147483647kb
if not "%errorlevel%"=="0" goto failed
:done3

set "AT=meshctl-lab-swan-192.0.2.21-192.0.2.23-any"
set "KEEP_consec_meshctl-lab-swan-192.0.2.21-192.0.2.23-any=1"
>>"%S%\wanted.txt" echo consec meshctl-lab-swan-192.0.2.21-192.0.2.23-any
netsh advfirewall consec show rule name="meshctl-lab-swan-192.0.2.21-192.0.2.23-any" >nul 2>&1
if errorlevel 1 goto add4
netsh advfirewall consec set rule name="meshctl-lab-swan-192.0.2.21-192.0.2.23-any" new endpoint1=192.0.2.21 endpoint2=192.0.2.23 action=requireinrequireout description="lab: cert1 with swan, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+2147483647kb
if not "%errorlevel%"=="0" goto failed
goto done4
:add4
>>"%S%\owned.txt" echo consec meshctl-lab-swan-192.0.2.21-192.0.2.23-any
netsh advfirewall consec add rule name="meshctl-lab-swan-192.0.2.21-192.0.2.23-any" endpoint1=192.0.2.21 endpoint2=192.0.2.23 action=requireinrequireout description="lab: cert1 with swan, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+2147483647kb
if not "%errorlevel%"=="0" goto failed
:done4

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

rem NAME VALUE of a line such as "StrongCRLCheck   0:Disabled". What is kept is the command that puts it back.
:setting
if /i not "%~1"=="StrongCRLCheck" exit /b 0
>"%S%\strongcrlcheck.txt" echo advfirewall set global ipsec strongcrlcheck %~2
exit /b 0

rem STORE THUMBPRINT FILE. What is added here is ours, so it is in owned.txt before. certutil's faults are negative.
:certificate
set "KEEP_%~1_%~2=1"
certutil -store %~1 %~2 >nul 2>&1
if "%errorlevel%"=="0" goto certificate_stands
>>"%S%\owned.txt" echo %~1 %~2
if "%~1"=="My" certutil -f -p "" -importpfx My "%~3" NoExport >nul
if not "%~1"=="My" certutil -f -addstore %~1 "%~3" >nul
if not "%errorlevel%"=="0" exit /b 1
:certificate_stands
find "%~1 %~2" "%S%\owned.txt" >nul 2>&1
if not errorlevel 1 >>"%S%\wanted.txt" echo %~1 %~2
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
