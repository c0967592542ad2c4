@echo off
rem Takes back what apply.cmd of meshctl did on host old. Run it as Administrator; running it again does no harm.
rem Another policy that was assigned before has to be assigned again by hand.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
call :drop policy meshctl-guide-a
call :drop policy meshctl-guide-b
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

rem SERVICE starts as it did before. It is not stopped: somebody else may use it by now. LEFT: it cannot be put back.
:restore_service
if exist "%S%\service.txt" del /f /q "%S%\service.txt"
if not exist "%S%\%~1.start" exit /b 0
sc config %~1 start= demand >nul
if "%errorlevel%"=="0" del /f /q "%S%\%~1.start"
if exist "%S%\%~1.start" set "LEFT=%~1"
exit /b 0
