
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
