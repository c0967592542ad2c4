
rem SERVICE starts as it did before. It is not stopped: somebody else may use it by now. LEFT: it cannot be put back.
:restore_service
if exist "%S%\service.txt" del /f /q "%S%\service.txt"
if not exist "%S%\%~1.start" exit /b 0
sc config %~1 start= demand >nul
if "%errorlevel%"=="0" del /f /q "%S%\%~1.start"
if exist "%S%\%~1.start" set "LEFT=%~1"
exit /b 0
