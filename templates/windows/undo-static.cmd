@echo off
rem Takes back what apply.cmd of meshctl did on host {{host}}. Run it as Administrator; running it again does no harm.
rem Another policy that was assigned before has to be assigned again by hand.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
{{#each sides}}
netsh ipsec static set policy name="{{policy}}-{{side}}" assign=no >nul 2>&1
netsh ipsec static delete policy name="{{policy}}-{{side}}" >nul 2>&1
set "AT={{policy}}-{{side}} is still there"
netsh ipsec static show policy name="{{policy}}-{{side}}" level=normal >nul 2>&1
if not errorlevel 1 goto failed
{{#each filters}}
netsh ipsec static delete filterlist name="{{name}}-{{side}}" >nul 2>&1
{{/each}}
{{#each actions}}
netsh ipsec static delete filteraction name="{{name}}-{{side}}" >nul 2>&1
{{/each}}
{{/each}}
if exist "%S%\side.txt" del /f /q "%S%\side.txt"
echo MESHCTL-RC=0
exit /b 0

:failed
echo MESHCTL-FAILED=%AT%
echo MESHCTL-RC=20
exit /b 20
