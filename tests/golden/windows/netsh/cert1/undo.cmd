@echo off
rem Takes back what apply.cmd of meshctl did on host cert1. Run it as Administrator; running it again does no harm.
rem Only rules and certificates that meshctl brought are deleted. The settings of the whole machine go back to what Windows comes with
rem (strongcrlcheck: to what it was); if you had others, they are in %ProgramData%\meshctl\state\original.wfw (netsh advfirewall import, replaces everything).
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
if not exist "%S%\owned.txt" goto settings
for /f "usebackq tokens=1,2" %%K in ("%S%\owned.txt") do call :drop %%K %%L
set "AT=%LEFT% does not go"
if defined LEFT goto failed
del /f /q "%S%\owned.txt"
:settings
set "AT=set global ipsec defaultexemptions"
netsh advfirewall set global ipsec defaultexemptions neighbordiscovery,dhcp
if not "%errorlevel%"=="0" goto failed
set "AT=set global mainmode mmsecmethods"
netsh advfirewall set global mainmode mmsecmethods default
if not "%errorlevel%"=="0" goto failed
set "AT=set global mainmode mmkeylifetime"
netsh advfirewall set global mainmode mmkeylifetime 480min,0sess
if not "%errorlevel%"=="0" goto failed
set "AT=set global ipsec strongcrlcheck"
call :restore_revocation
if defined LEFT goto failed
set "AT=the start of the service ikeext"
call :restore_service ikeext
if defined LEFT goto failed
netsh advfirewall monitor delete qmsa 192.0.2.21 192.0.2.22 >nul 2>&1
netsh advfirewall monitor delete mmsa 192.0.2.21 192.0.2.22 >nul 2>&1
netsh advfirewall monitor delete qmsa 192.0.2.21 192.0.2.23 >nul 2>&1
netsh advfirewall monitor delete mmsa 192.0.2.21 192.0.2.23 >nul 2>&1
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

rem SERVICE starts as it did before. It is not stopped: somebody else may use it by now. LEFT: it cannot be put back.
:restore_service
if exist "%S%\service.txt" del /f /q "%S%\service.txt"
if not exist "%S%\%~1.start" exit /b 0
sc config %~1 start= demand >nul
if "%errorlevel%"=="0" del /f /q "%S%\%~1.start"
if exist "%S%\%~1.start" set "LEFT=%~1"
exit /b 0
