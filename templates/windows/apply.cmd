@echo off
rem Connection-security rules of host {{host}}, made by meshctl. Run it as Administrator; running it again does no harm.
rem The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.cmd takes all of it back.
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "LEFT="
set "F=%~dp0"
set "S=%ProgramData%\meshctl\state"
cd /d "%SystemRoot%\System32"

set "AT=this needs an elevated prompt"
fsutil dirty query %SystemDrive% >nul 2>&1
if errorlevel 1 goto failed
set "AT=the state folder"
if not exist "%S%" mkdir "%S%"
if not exist "%S%" goto failed
icacls "%S%" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
{{#if psk_files}}
set "AT=the folder of the keys"
icacls "%F%rules" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F >nul
if not "%errorlevel%"=="0" goto failed
{{/if}}
set "AT=a copy of the policy as it was before meshctl came"
if exist "%S%\original.wfw" goto kept
netsh advfirewall export "%S%\original.wfw" >nul
if not "%errorlevel%"=="0" goto failed
:kept
if exist "%S%\wanted.txt" del /f /q "%S%\wanted.txt"
rem No rule acts while this service is stopped, and Windows starts it when something asks for it. What it was is kept for undo.cmd.
set "AT=the service ikeext"
call :need_service ikeext
if not "%errorlevel%"=="0" goto failed
{{#if certificates}}

rem Certificates: CAs as trusted roots, this host's own with its private key. What a store has already is left as it is,
rem then and when all is taken back.
{{#each certificate_files}}
set "AT={{file}}"
call :certificate {{store}} {{thumbprint}} "%F%{{file}}"
if not "%errorlevel%"=="0" goto failed
{{/each}}
{{#if own_key}}
set "AT=host.pfx"
icacls "%F%host.pfx" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F >nul
if not "%errorlevel%"=="0" goto failed
call :certificate My {{own_thumbprint}} "%F%host.pfx"
if not "%errorlevel%"=="0" goto failed
{{/if}}
{{/if}}

{{#if revocation}}
rem Whoever is on the revocation list gets no SA. What the setting was is kept for undo.cmd.
if exist "%S%\strongcrlcheck.txt" goto revocation
set "AT=show global ipsec"
netsh advfirewall show global ipsec >"%S%\global.txt"
if not "%errorlevel%"=="0" goto failed
for /f "usebackq tokens=1,2 delims=: " %%K in ("%S%\global.txt") do call :setting %%K %%L
del /f /q "%S%\global.txt"
:revocation
set "AT=set global ipsec strongcrlcheck"
netsh advfirewall set global ipsec strongcrlcheck 1
if not "%errorlevel%"=="0" goto failed
{{else}}
set "AT=set global ipsec strongcrlcheck"
call :restore_revocation
if defined LEFT goto failed
{{/if}}

rem What passes in clear, so that nothing is shut out on the way.
set "AT=set global ipsec defaultexemptions"
netsh advfirewall set global ipsec defaultexemptions {{exemption_words}}
if not "%errorlevel%"=="0" goto failed
{{#if through_nat}}
set "AT=set global ipsec ipsecthroughnat"
netsh advfirewall set global ipsec ipsecthroughnat serverandclientbehindnat
if not "%errorlevel%"=="0" goto failed
{{/if}}
{{#each exemptions}}

set "AT={{name}}"
set "KEEP_consec_{{name}}=1"
>>"%S%\wanted.txt" echo consec {{name}}
netsh advfirewall consec show rule name="{{name}}" >nul 2>&1
if errorlevel 1 goto add{{number}}
netsh advfirewall consec set rule name="{{name}}" new endpoint1={{endpoint1}} endpoint2={{endpoint2}} action=noauthentication description="{{description}}" mode=transport enable=yes profile=any type=static{{#if ports}} port1={{port1}} port2={{port2}}{{/if}} protocol={{protocol}}
if not "%errorlevel%"=="0" goto failed
goto done{{number}}
:add{{number}}
>>"%S%\owned.txt" echo consec {{name}}
netsh advfirewall consec add rule name="{{name}}" endpoint1={{endpoint1}} endpoint2={{endpoint2}} action=noauthentication description="{{description}}" mode=transport enable=yes profile=any type=static{{#if ports}} port1={{port1}} port2={{port2}}{{/if}} protocol={{protocol}}
if not "%errorlevel%"=="0" goto failed
:done{{number}}
{{/each}}
{{#if global_main}}

rem Main mode (phase 1) of this machine.
set "AT=set global mainmode mmsecmethods"
netsh advfirewall set global mainmode mmsecmethods {{main}}
if not "%errorlevel%"=="0" goto failed
set "AT=set global mainmode mmkeylifetime"
netsh advfirewall set global mainmode mmkeylifetime {{minutes}}min,0sess
if not "%errorlevel%"=="0" goto failed
{{/if}}
{{#each main_rules}}

set "AT={{name}}"
set "KEEP_mainmode_{{name}}=1"
>>"%S%\wanted.txt" echo mainmode {{name}}
netsh advfirewall mainmode show rule name="{{name}}" >nul 2>&1
if errorlevel 1 goto add{{number}}
{{#if psk}}
netsh -f "%F%rules\{{stem}}.set" >nul
{{else}}
netsh advfirewall mainmode set rule name="{{name}}" new mmsecmethods={{main}} mmkeylifetime={{minutes}}min,0sess enable=yes profile=any endpoint1={{endpoint1}} endpoint2={{endpoint2}} auth1={{auth1}}{{#if ca}} auth1ca="{{ca}}"{{/if}} type=static
{{/if}}
if not "%errorlevel%"=="0" goto failed
goto done{{number}}
:add{{number}}
>>"%S%\owned.txt" echo mainmode {{name}}
{{#if psk}}
netsh -f "%F%rules\{{stem}}.add" >nul
{{else}}
netsh advfirewall mainmode add rule name="{{name}}" mmsecmethods={{main}} mmkeylifetime={{minutes}}min,0sess enable=yes profile=any endpoint1={{endpoint1}} endpoint2={{endpoint2}} auth1={{auth1}}{{#if ca}} auth1ca="{{ca}}"{{/if}} type=static
{{/if}}
if not "%errorlevel%"=="0" goto failed
:done{{number}}
{{/each}}
{{#each links}}

set "AT={{name}}"
set "KEEP_consec_{{name}}=1"
>>"%S%\wanted.txt" echo consec {{name}}
netsh advfirewall consec show rule name="{{name}}" >nul 2>&1
if errorlevel 1 goto add{{number}}
{{#if psk}}
netsh -f "%F%rules\{{stem}}.set" >nul
{{else}}
netsh advfirewall consec set rule name="{{name}}" new endpoint1={{endpoint1}} endpoint2={{endpoint2}} action={{action}} description="{{description}}" mode=transport enable=yes profile=any type=static{{#if ports}} port1={{port1}} port2={{port2}}{{/if}} protocol={{protocol}} auth1={{auth1}}{{#if ca}} auth1ca="{{ca}}"{{/if}} qmpfs={{qmpfs}} qmsecmethods={{qmsecmethods}}
{{/if}}
if not "%errorlevel%"=="0" goto failed
goto done{{number}}
:add{{number}}
>>"%S%\owned.txt" echo consec {{name}}
{{#if psk}}
netsh -f "%F%rules\{{stem}}.add" >nul
{{else}}
netsh advfirewall consec add rule name="{{name}}" endpoint1={{endpoint1}} endpoint2={{endpoint2}} action={{action}} description="{{description}}" mode=transport enable=yes profile=any type=static{{#if ports}} port1={{port1}} port2={{port2}}{{/if}} protocol={{protocol}} auth1={{auth1}}{{#if ca}} auth1ca="{{ca}}"{{/if}} qmpfs={{qmpfs}} qmsecmethods={{qmsecmethods}}
{{/if}}
if not "%errorlevel%"=="0" goto failed
:done{{number}}
{{/each}}

rem What is no longer wanted goes last.
if not exist "%S%\wanted.txt" type nul >"%S%\wanted.txt"
if not exist "%S%\owned.txt" goto known
for /f "usebackq tokens=1,2" %%K in ("%S%\owned.txt") do call :drop %%K %%L
set "AT=%LEFT% is not wanted any more, and does not go"
if defined LEFT goto failed
:known
set "AT=the list of what is ours"
move /y "%S%\wanted.txt" "%S%\owned.txt" >nul
if not "%errorlevel%"=="0" goto failed
echo MESHCTL-RC=0
exit /b 0

{{#if revocation}}
rem NAME VALUE of a line such as "StrongCRLCheck   0:Disabled". What is kept is the command that puts it back.
:setting
if /i not "%~1"=="StrongCRLCheck" exit /b 0
>"%S%\strongcrlcheck.txt" echo advfirewall set global ipsec strongcrlcheck %~2
exit /b 0

{{/if}}
{{#if certificates}}
rem STORE THUMBPRINT FILE. What is added here is ours, so it is in owned.txt before. certutil's faults are negative.
:certificate
set "KEEP_%~1_%~2=1"
certutil -store %~1 %~2 >nul 2>&1
if "%errorlevel%"=="0" goto certificate_stands
>>"%S%\owned.txt" echo %~1 %~2
if "%~1"=="My" certutil -f -p "" -importpfx My "%~3" NoExport >nul
if not "%~1"=="My" certutil -f -addstore %~1 "%~3" >nul
if not "%errorlevel%"=="0" exit /b 1
:certificate_stands
find "%~1 %~2" "%S%\owned.txt" >nul 2>&1
if not errorlevel 1 >>"%S%\wanted.txt" echo %~1 %~2
exit /b 0

{{/if}}
