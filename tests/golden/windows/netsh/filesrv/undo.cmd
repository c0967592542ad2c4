@echo off
rem Takes back what apply.cmd of meshctl did on host filesrv. Run it as Administrator; running it again does no harm.
rem Only rules that meshctl made are deleted. The settings of the whole machine go back to what Windows comes with; if
rem you had others, they are in %ProgramData%\meshctl\state\original.wfw (netsh advfirewall import, replaces everything).
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
set "AT=a rule"
set "LEFT="
if not exist "%S%\owned.txt" goto settings
for /f "usebackq tokens=1,2" %%K in ("%S%\owned.txt") do call :drop_%%K "%%L"
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
netsh advfirewall monitor delete qmsa 192.0.2.8 192.0.2.1 >nul 2>&1
netsh advfirewall monitor delete mmsa 192.0.2.8 192.0.2.1 >nul 2>&1
netsh advfirewall monitor delete qmsa 2001:db8::8 2001:db8::1 >nul 2>&1
netsh advfirewall monitor delete mmsa 2001:db8::8 2001:db8::1 >nul 2>&1
netsh advfirewall monitor delete qmsa 192.0.2.8 192.0.2.2 >nul 2>&1
netsh advfirewall monitor delete mmsa 192.0.2.8 192.0.2.2 >nul 2>&1
netsh advfirewall monitor delete qmsa 192.0.2.8 192.0.2.2 >nul 2>&1
netsh advfirewall monitor delete mmsa 192.0.2.8 192.0.2.2 >nul 2>&1
netsh advfirewall monitor delete qmsa 192.0.2.8 192.0.2.2 >nul 2>&1
netsh advfirewall monitor delete mmsa 192.0.2.8 192.0.2.2 >nul 2>&1
echo MESHCTL-RC=0
exit /b 0

:drop_consec
netsh advfirewall consec delete rule name="%~1" >nul 2>&1
netsh advfirewall consec show rule name="%~1" >nul 2>&1
if not errorlevel 1 set "LEFT=%~1"
exit /b 0

:drop_mainmode
netsh advfirewall mainmode delete rule name="%~1" >nul 2>&1
netsh advfirewall mainmode show rule name="%~1" >nul 2>&1
if not errorlevel 1 set "LEFT=%~1"
exit /b 0

:failed
echo MESHCTL-FAILED=%AT%
echo MESHCTL-RC=20
exit /b 20
