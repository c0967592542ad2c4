@echo off
rem Takes back what apply.cmd of meshctl did on host {{host}}. Run it as Administrator; running it again does no harm.
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
{{#each links}}
netsh advfirewall monitor delete qmsa {{endpoint1}} {{endpoint2}} >nul 2>&1
netsh advfirewall monitor delete mmsa {{endpoint1}} {{endpoint2}} >nul 2>&1
{{/each}}
echo MESHCTL-RC=0
exit /b 0

