@echo off
rem Takes back what apply.cmd of meshctl did on host {{host}}. Run it as Administrator; running it again does no harm.
rem Another policy that was assigned before has to be assigned again by hand.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
{{#each sides}}
call :drop policy {{policy}}-{{side}}
{{/each}}
if exist "%S%\policies.txt" for /f "usebackq tokens=1,2" %%K in ("%S%\policies.txt") do call :drop %%K %%L
set "AT=%LEFT% does not go"
if defined LEFT goto failed
if exist "%S%\policies.txt" del /f /q "%S%\policies.txt"
if exist "%S%\side.txt" del /f /q "%S%\side.txt"
set "AT=the start of the services ikeext and policyagent"
call :restore_service ikeext
call :restore_service policyagent
if defined LEFT goto failed
echo MESHCTL-RC=0
exit /b 0

