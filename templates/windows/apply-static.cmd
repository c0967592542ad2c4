@echo off
rem IP Security Policy of host {{host}}, made by meshctl. Run it as Administrator; running it again does no harm.
rem The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.cmd takes all of it back.
rem A policy beside the one in use is built, then assigned in its place, so that no protection lapses.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "F=%~dp0"
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
set "AT=the folder of the keys"
icacls "%F%rules" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
set "AT=the state folder"
if not exist "%S%" mkdir "%S%"
if not exist "%S%" goto failed
icacls "%S%" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
if exist "%S%\wanted.txt" del /f /q "%S%\wanted.txt"
rem No policy acts while these services are stopped, and Windows starts them when something asks for them. What they were is kept for undo.cmd.
set "AT=the service ikeext"
call :need_service ikeext
if not "%errorlevel%"=="0" goto failed
set "AT=the service policyagent"
call :need_service policyagent
if not "%errorlevel%"=="0" goto failed
if not exist "%S%\policies.txt" type nul >"%S%\policies.txt"
set "SIDE="
if exist "%S%\side.txt" set /p SIDE=<"%S%\side.txt"
if "%SIDE%"=="a" goto have_a
if "%SIDE%"=="b" goto have_b
goto make_a
{{#each sides}}

rem An earlier run may have been cut off: the complete policy is assigned before the other one is made anew.
:have_{{side}}
netsh ipsec static set policy name="{{policy}}-{{side}}" assign=yes >nul 2>&1
goto make_{{other}}

:make_{{side}}
for /f "usebackq tokens=1,2" %%K in ("%S%\policies.txt") do call :left_of_{{side}} %%K %%L
set "AT=%LEFT% of an earlier run does not go"
if defined LEFT goto failed
set "AT={{policy}}-{{side}}"
call :ours policy {{policy}}-{{side}}
netsh ipsec static add policy name="{{policy}}-{{side}}" description="{{host}}" mmpfs=no mmlifetime={{minutes}} activatedefaultrule=no assign=no mmsecmethods="{{main}}"
if not "%errorlevel%"=="0" goto failed
{{#each actions}}
set "AT={{name}}-{{side}}"
call :ours filteraction {{name}}-{{side}}
{{#if permit}}
netsh ipsec static add filteraction name="{{name}}-{{side}}" action=permit
{{else}}
netsh ipsec static add filteraction name="{{name}}-{{side}}" qmpfs={{qmpfs}} inpass={{soft}} soft={{soft}} action=negotiate qmsecmethods="{{methods}}"
{{/if}}
if not "%errorlevel%"=="0" goto failed
{{/each}}
{{#each filters}}
set "AT={{name}}-{{side}}"
call :ours filterlist {{name}}-{{side}}
netsh ipsec static add filterlist name="{{name}}-{{side}}"
if not "%errorlevel%"=="0" goto failed
netsh ipsec static add filter filterlist="{{name}}-{{side}}" srcaddr={{local}} dstaddr={{remote}} protocol={{protocol}} mirrored=yes{{#if ports}} srcport={{port1}} dstport={{port2}}{{/if}}
if not "%errorlevel%"=="0" goto failed
{{#if permit}}
netsh ipsec static add rule name="{{name}}-{{side}}" policy="{{policy}}-{{side}}" filterlist="{{name}}-{{side}}" filteraction="{{action}}-{{side}}" conntype=all activate=yes kerberos=yes
{{else}}
netsh -f "%F%rules\{{stem}}.{{side}}" >nul
{{/if}}
if not "%errorlevel%"=="0" goto failed
{{/each}}
set "AT=assigning {{policy}}-{{side}}"
netsh ipsec static set policy name="{{policy}}-{{side}}" assign=yes
if not "%errorlevel%"=="0" goto failed
>"%S%\side.txt" echo {{side}}
goto done
{{/each}}

rem What is no longer wanted goes last: the policy that was in use before, and what it was made of.
:done
for /f "usebackq tokens=1,2" %%K in ("%S%\policies.txt") do call :drop %%K %%L
set "AT=%LEFT% is not wanted any more, and does not go"
if defined LEFT goto failed
set "AT=the list of what is ours"
move /y "%S%\wanted.txt" "%S%\policies.txt" >nul
if not "%errorlevel%"=="0" goto failed
echo MESHCTL-RC=0
exit /b 0

rem KIND NAME: into policies.txt before it is made.
:ours
set "KEEP_%~1_%~2=1"
>>"%S%\wanted.txt" echo %~1 %~2
>>"%S%\policies.txt" echo %~1 %~2
exit /b 0
{{#each sides}}

:left_of_{{side}}
set "NAME=%~2"
if "%NAME:~-2%"=="-{{side}}" call :drop %~1 %~2
exit /b 0
{{/each}}

