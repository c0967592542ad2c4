@echo off
rem Connection-security rules of host cert1, made by meshctl. Run it as Administrator; running it again does no harm.
rem The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.cmd takes all of it back.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
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

rem The certificates: CAs as trusted roots, this host's own with its private key.
set "AT=CA certificate 1"
certutil -f -addstore Root "%F%ca-1.cer" >nul
if not "%errorlevel%"=="0" goto failed
set "AT=the certificate of this host"
icacls "%F%host.pfx" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F >nul
if not "%errorlevel%"=="0" goto failed
certutil -f -p "" -importpfx My "%F%host.pfx" NoExport >nul
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
if errorlevel 1 goto add5
netsh advfirewall consec set rule name="meshctl-lab-cert2-192.0.2.21-192.0.2.22-any" new endpoint1=192.0.2.21 endpoint2=192.0.2.22 action=requireinrequireout description="lab: cert1 with cert2, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+100000kb
if not "%errorlevel%"=="0" goto failed
goto done5
:add5
>>"%S%\owned.txt" echo consec meshctl-lab-cert2-192.0.2.21-192.0.2.22-any
netsh advfirewall consec add rule name="meshctl-lab-cert2-192.0.2.21-192.0.2.22-any" endpoint1=192.0.2.21 endpoint2=192.0.2.22 action=requireinrequireout description="lab: cert1 with cert2, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+100000kb
if not "%errorlevel%"=="0" goto failed
:done5

set "AT=meshctl-lab-swan-192.0.2.21-192.0.2.23-any"
set "KEEP_consec_meshctl-lab-swan-192.0.2.21-192.0.2.23-any=1"
>>"%S%\wanted.txt" echo consec meshctl-lab-swan-192.0.2.21-192.0.2.23-any
netsh advfirewall consec show rule name="meshctl-lab-swan-192.0.2.21-192.0.2.23-any" >nul 2>&1
if errorlevel 1 goto add6
netsh advfirewall consec set rule name="meshctl-lab-swan-192.0.2.21-192.0.2.23-any" new endpoint1=192.0.2.21 endpoint2=192.0.2.23 action=requireinrequireout description="lab: cert1 with swan, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+100000kb
if not "%errorlevel%"=="0" goto failed
goto done6
:add6
>>"%S%\owned.txt" echo consec meshctl-lab-swan-192.0.2.21-192.0.2.23-any
netsh advfirewall consec add rule name="meshctl-lab-swan-192.0.2.21-192.0.2.23-any" endpoint1=192.0.2.21 endpoint2=192.0.2.23 action=requireinrequireout description="lab: cert1 with swan, all traffic" mode=transport enable=yes profile=any type=static protocol=any auth1=computercert auth1ca="O=office, CN=office CA" qmpfs=dhgroup14 qmsecmethods=esp:sha256-aes256+60min+100000kb
if not "%errorlevel%"=="0" goto failed
:done6

rem Rules of links that are no longer wanted go last.
set "AT=a rule that is no longer wanted"
set "LEFT="
if not exist "%S%\wanted.txt" type nul >"%S%\wanted.txt"
if not exist "%S%\owned.txt" goto known
for /f "usebackq tokens=1,2" %%K in ("%S%\owned.txt") do call :stale_%%K "%%L"
if defined LEFT goto failed
:known
set "AT=the list of rules"
move /y "%S%\wanted.txt" "%S%\owned.txt" >nul
if not "%errorlevel%"=="0" goto failed
echo MESHCTL-RC=0
exit /b 0

:stale_consec
if defined KEEP_consec_%~1 exit /b 0
netsh advfirewall consec delete rule name="%~1" >nul 2>&1
netsh advfirewall consec show rule name="%~1" >nul 2>&1
if not errorlevel 1 set "LEFT=%~1"
exit /b 0

:stale_mainmode
if defined KEEP_mainmode_%~1 exit /b 0
netsh advfirewall mainmode delete rule name="%~1" >nul 2>&1
netsh advfirewall mainmode show rule name="%~1" >nul 2>&1
if not errorlevel 1 set "LEFT=%~1"
exit /b 0

:failed
echo MESHCTL-FAILED=%AT%
echo MESHCTL-RC=20
exit /b 20
