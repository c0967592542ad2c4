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
