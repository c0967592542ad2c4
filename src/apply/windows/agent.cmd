@echo off
rem The agent for Windows: the host side of the transaction, in batch since that is all that every Windows runs.
rem docs/transaction.md is its contract (agent.sh is the same for Linux), docs/windows.md its manual for people.
rem
rem   agent VERB [TXN] [ARG]    answers are lines WORD REST, the last one `ok` or `fail REASON TEXT`
rem
rem The controller puts it into %ProgramData%\meshctl and calls it there; the scheduled task that is the dead man runs the
rem copy in txn\TXN. It may be killed between any two commands, and a lost SSH session kills it. What makes that harmless:
rem
rem   W1  Every verb that writes holds the file `mutex` open (as its standard error): one writer at a time, and Windows
rem       closes it when the writer and its children are gone.
rem   W2  The task meshctl-TXN is there before the lock is, and stays until the lock is gone: somebody always ends TXN.
rem   W3  `armed` disappears by one rename, to confirmed, expired or reverted. Its winner decides; who loses follows.
rem   W4  Rules change by whole scripts of a generation, which may run any number of times from any state.
rem
rem Who calls stands before who is called: cmd looks for a label from where it is, line by line, and from the top again behind the end.
rem
rem No clock is asked: the task's own delay is the only one. Success is judged by what is there afterwards, not by
rem errorlevel, where a builtin command is meant (move, ren, del do not set it alike everywhere).
setlocal EnableExtensions DisableDelayedExpansion
set "ERRORLEVEL="
set "S=%ProgramData%\meshctl"
set "SELF=%~f0"
set "VERB=%~1"
set "TXN=%~2"
set "ARG=%~3"
set "FAIL="
set "SEEN=%S%\seen-%RANDOM%%RANDOM%"
cd /d "%SystemRoot%\System32"
for %%V in (probe facts status check links) do if "%VERB%"=="%%V" goto read
for %%V in (take stage reuse arm activate confirm revert abandon expire break-glass) do if "%VERB%"=="%%V" goto write
set "FAIL=internal unknown call: %VERB%"
goto answer

:read
call :verb_%VERB%
goto answer

rem Who takes the change away does so before it waits for the work in progress, which must not go on for nothing.
:write
call :use
if "%VERB%"=="revert" call :leave_armed reverted
if "%VERB%"=="expire" call :leave_armed expired
set "HELD="
set /a TURNS=20
if "%VERB%"=="activate" set /a TURNS=60
if "%VERB%"=="revert" set /a TURNS=40
:turn
call :hold 2>"%S%\mutex"
if defined HELD goto answer
set /a TURNS-=1
call :pause
if %TURNS% gtr 0 goto turn
set "FAIL=locked another call is at work"

:answer
if defined FAIL goto refuse
echo ok
exit /b 0
:refuse
echo fail %FAIL%
exit /b 1

:hold
set "HELD=yes"
call :verb_%VERB%
exit /b 0

rem ---------------------------------------------------------------------------------------------- verbs that read

rem Also the end of `revert` and `abandon`, whose caller wants to see that the host is back.
:verb_probe
call :names
call :read_lock
if not defined LOCK set "LOCK=-"
if defined DEAD set "LOCK=-"
set "CLIENT=-"
for /f "tokens=1" %%A in ("%SSH_CONNECTION%") do set "CLIENT=%%A"
rem Rules survive a boot here, so nothing depends on which one this is.
echo boot windows
echo current %CURRENT%
echo previous %PREVIOUS%
echo trial %TRIAL%
echo confirmed %CONFIRMED%
echo lock %LOCK%
echo client %CLIENT%
if "%CURRENT%"=="-" exit /b 0
if not exist "%S%\generations\%CURRENT%\SHA256SUMS" set "FAIL=missing generation %CURRENT% is gone"
if defined FAIL exit /b 0
call :look_at_rules
for %%R in (%LOST%) do echo drift %%R
if defined CHANGED echo drift rules changed inside
exit /b 0

:verb_facts
set "KEY=HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
for /f "tokens=2*" %%A in ('reg query "%KEY%" /v InstallationType') do call :fact type "%%A" "%%B"
for /f "tokens=2*" %%A in ('reg query "%KEY%" /v ProductName') do call :fact product "%%A" "%%B"
exit /b 0
:fact
if "%~2"=="REG_SZ" echo fact %~1 %~3
exit /b 0

:verb_status
call :names
set "SHOWN=%CURRENT%"
if not "%TRIAL%"=="-" set "SHOWN=%TRIAL%"
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
set "HELD_BY=-"
if defined LOCK set "HELD_BY=%LOCK%"
echo current %CURRENT%
echo trial %TRIAL%
echo lock %HELD_BY%
rem The task knows when; no clock is read here.
if defined LOCK if exist "%S%\txn\%LOCK%\armed" echo timer -
if "%SHOWN%"=="-" exit /b 0
if "%SHOWN%"=="original" exit /b 0
set "ILL="
call :services "%S%\generations\%SHOWN%"
for %%S in (%SERVICES%) do call :service %%S
call :look_at_rules
for %%R in (%LOST%) do call :ill rules %%R is not there
if defined CHANGED call :ill rules somebody changed what is in them
if not defined ILL echo health ok the services run, all rules are there
call :associations
for /f "usebackq tokens=1-3" %%A in ("%S%\generations\%SHOWN%\links.list") do call :show_link %%A %%B %%C
exit /b 0
:service
sc query %~1 2>nul | find "STOPPED" >nul
if not errorlevel 1 call :ill service %~1 is stopped
exit /b 0
:ill
set "ILL=yes"
echo health %*
exit /b 0
:show_link
set "GONE="
if defined LOST call :gone %~1
if defined GONE echo link %~1 %~2 %~3 open rules are missing
if defined GONE exit /b 0
if defined SA_%~2_%~3 echo link %~1 %~2 %~3 up
if not defined SA_%~2_%~3 echo link %~1 %~2 %~3 idle no SA yet
exit /b 0
rem PEER: GONE, if one of its rules is not there. A policy of `form: ipsec-static` is for all peers.
:gone
for %%R in (%LOST%) do call :gone_rule %%R %~1
exit /b 0
:gone_rule
echo %~1| find "-%~2-" >nul
if not errorlevel 1 set "GONE=yes"
echo %~1| find "policy/" >nul
if not errorlevel 1 set "GONE=yes"
exit /b 0

:verb_check
call :need_lock
if defined FAIL exit /b 0
if "%GEN%"=="original" set "NEW=%OLD%"
if not exist "%NEW%\files\undo.cmd" if not exist "%NEW%\files\undo.ps1" set "FAIL=missing generation %GEN% has no undo"
call :services "%NEW%"
for %%S in (%SERVICES%) do call :check_service %%S
exit /b 0
rem What is stopped is started by apply.cmd, unless it is a service that no Windows is without.
:check_service
sc qc %~1 2>nul | find "DISABLED" >nul
if not errorlevel 1 set "FAIL=check the service %~1 is disabled"
if not "%~1"=="mpssvc" if not "%~1"=="bfe" exit /b 0
sc query %~1 2>nul | find "STOPPED" >nul
if not errorlevel 1 set "FAIL=check the service %~1 is stopped"
exit /b 0
rem GENERATION: SERVICES that its rules act by.
:services
call :form FORM "%~1"
set "SERVICES=mpssvc bfe ikeext"
if "%FORM%"=="ipsec-static" set "SERVICES=bfe ikeext policyagent"
exit /b 0

rem Uses the links that changed, all of a generation that is new or put back over drift. Up is what has an SA or answers:
rem a ping need not be what a link protects, and ICMP may be exempt.
:verb_links
call :need_lock
if defined FAIL exit /b 0
if "%GEN%"=="original" exit /b 0
if "%FROM%"=="-" goto use_links
if "%FROM%"=="%GEN%" goto use_links
for /f "usebackq tokens=1,2" %%A in ("%OLD%\links.sums") do set "WAS_%%A_%%B=yes"
:use_links
for /f "usebackq tokens=1,2" %%A in ("%NEW%\links.sums") do call :changed %%A %%B
rem The first packets are lost while keys are agreed on, and the peer may need its half first.
for %%I in (1 2 3 4 5) do call :use_round
for /f "usebackq tokens=1-3" %%A in ("%NEW%\links.list") do call :tell_link %%A %%B %%C
exit /b 0
:changed
if not defined WAS_%~1_%~2 set "NEW_%~1=yes"
exit /b 0
:use_round
set "OPEN="
for /f "usebackq tokens=1-3" %%A in ("%NEW%\links.list") do call :use_link %%A %%B %%C
if not defined OPEN exit /b 0
call :associations
exit /b 0
:use_link
if not defined NEW_%~1 exit /b 0
if defined SA_%~2_%~3 exit /b 0
if defined ANSWER_%~2_%~3 exit /b 0
set "OPEN=yes"
ping -n 1 -w 1000 -S %~2 %~3 | find "ms" >nul
if not errorlevel 1 set "ANSWER_%~2_%~3=yes"
exit /b 0
:tell_link
if not defined NEW_%~1 exit /b 0
if defined SA_%~2_%~3 goto link_up
if defined ANSWER_%~2_%~3 goto link_up
echo link %~1 %~2 %~3 down no SA and no answer
exit /b 0
:link_up
echo link %~1 %~2 %~3 up
exit /b 0

rem ---------------------------------------------------------------------------------------------- verbs that write

rem TXN ID: the lock for it, and what this transaction is about. The controller then puts the files into
rem generations\.new-TXN and calls `stage`. From here on a failure leaves nothing behind.
:verb_take
call :use
rem A look that was killed leaves what it saw, and rules show their keys.
del /f /q "%S%\seen-*" >nul 2>&1
if not exist "%S%\generations" mkdir "%S%\generations"
if not exist "%T%" mkdir "%T%"
if not exist "%T%" set "FAIL=space cannot make %T%"
if defined FAIL exit /b 0
call :state
if "%STATE%"=="expired" set "FAIL=expired %TXN% was taken back"
if "%STATE%"=="reverted" set "FAIL=expired %TXN% was taken back"
if "%STATE%"=="armed" set "FAIL=state %TXN% is already armed"
if "%STATE%"=="confirmed" set "FAIL=state %TXN% is already confirmed"
if defined FAIL exit /b 0
call :read_lock
if not defined LOCK goto take_free
if "%LOCK%"=="%TXN%" goto take_free
if defined DEAD call :settle_dead
if not defined DEAD set "FAIL=locked %LOCK%"
if not defined FAIL goto take_free
rmdir /q "%T%" 2>nul
exit /b 0
:take_free
call :names
set "FROM=%CURRENT%"
set "GEN=%ARG%"
set "NEW=%S%\generations\%GEN%"
call :put "%T%\from" "%FROM%"
call :put "%T%\gen" "%GEN%"
if not defined FAIL call :guard 900
if not defined FAIL call :put "%S%\lock" "%TXN%"
if not "%FROM%"=="-" if not exist "%S%\generations\%FROM%" set "FAIL=missing generation %FROM% is gone"
if defined FAIL goto release
exit /b 0

rem What outlived its task is settled first: the host is exactly old or exactly new again.
:settle_dead
set "MINE=%TXN%"
set "TXN=%LOCK%"
call :settle
if defined FAIL set "FAIL=locked %TXN% was left over and its revert fails; see %T%\log"
set "TXN=%MINE%"
call :use
exit /b 0

rem What taking leaves behind when it fails: nothing of its own, and no lock. The reason stays.
:release
set "GEN="
call :drop
exit /b 0

rem TXN: the files are there, read back and found equal by the controller.
:verb_stage
call :need_lock
if defined FAIL exit /b 0
if not exist "%S%\generations\.new-%TXN%\SHA256SUMS" goto staged
rem Damaged on the disk: only the name matters, so the good one takes it.
if exist "%NEW%" ren "%NEW%" .bad-%TXN%
for %%I in (1 2 3) do call :place
if exist "%S%\generations\.bad-%TXN%" rmdir /s /q "%S%\generations\.bad-%TXN%"
:staged
if not exist "%NEW%\SHA256SUMS" set "FAIL=missing no generation %GEN%"
exit /b 0
:place
if exist "%NEW%" exit /b 0
ren "%S%\generations\.new-%TXN%" %GEN% 2>nul
if not exist "%NEW%" call :pause
exit /b 0

:verb_reuse
call :verb_take
if defined FAIL exit /b 0
if "%GEN%"=="original" if not "%FROM%"=="-" exit /b 0
if exist "%NEW%\SHA256SUMS" exit /b 0
set "FAIL=missing no generation %ARG%"
goto release

rem TXN SECONDS
:verb_arm
call :need_lock
if defined FAIL exit /b 0
call :state
if "%STATE%"=="armed" exit /b 0
if "%STATE%"=="confirmed" set "FAIL=state %TXN% is already confirmed"
if "%STATE%"=="expired" set "FAIL=expired %TXN% was taken back"
if "%STATE%"=="reverted" set "FAIL=expired %TXN% was taken back"
if not "%GEN%"=="original" if not exist "%NEW%\SHA256SUMS" set "FAIL=missing no generation %GEN%"
if defined FAIL exit /b 0
rem For people at the console: the newest agent, and the way out.
copy /y "%SELF%" "%S%\agent.cmd" >nul
>"%S%\break-glass.cmd" echo @"%%~dp0agent.cmd" break-glass %%1
if exist "%NEW%\files\undo.cmd" copy /y "%NEW%\files\undo.cmd" "%S%\undo.cmd" >nul
if exist "%NEW%\files\undo.ps1" copy /y "%NEW%\files\undo.ps1" "%S%\undo.ps1" >nul
call :put "%S%\trial" "%GEN%"
call :put "%T%\arming" "%ARG%"
if not defined FAIL call :guard %ARG%
if defined FAIL exit /b 0
ren "%T%\arming" armed
call :state
if not "%STATE%"=="armed" set "FAIL=internal cannot rename in %T%"
echo deadline %ARG%
exit /b 0

:verb_activate
call :need_lock
if defined FAIL exit /b 0
call :state
if "%STATE%"=="confirmed" exit /b 0
if "%STATE%"=="none" set "FAIL=state %TXN% is not armed"
if "%STATE%"=="expired" set "FAIL=expired %TXN% was taken back"
if "%STATE%"=="reverted" set "FAIL=expired %TXN% was taken back"
if defined FAIL exit /b 0
if exist "%T%\activated" goto activated
call :put "%T%\started" "%GEN%"
if defined FAIL exit /b 0
echo step rules
if "%GEN%"=="original" goto activate_original
if not "%FROM%"=="-" call :leave_form "%OLD%" "%NEW%"
if not defined FAIL call :run "%NEW%" apply
if defined FAIL exit /b 0
goto activated
:activate_original
call :run "%OLD%" undo
if defined FAIL exit /b 0
:activated
call :state
if not "%STATE%"=="armed" set "FAIL=expired the change was taken back on the way"
if defined FAIL exit /b 0
echo step verify
call :note_rules
for %%R in (%LOST%) do set "FAIL=activate %%R is not there, although netsh took it"
if not defined FAIL call :put "%T%\activated" "%GEN%"
exit /b 0

:verb_confirm
if not exist "%T%\gen" set "FAIL=missing no transaction %TXN% on this host"
if defined FAIL exit /b 0
call :use
call :state
if "%STATE%"=="none" set "FAIL=state %TXN% is not armed"
if "%STATE%"=="armed" if not exist "%T%\activated" set "FAIL=state %TXN% is not activated"
if defined FAIL exit /b 0
call :leave_armed confirmed
if "%STATE%"=="armed" set "FAIL=internal cannot rename in %T%"
if "%STATE%"=="expired" set "FAIL=expired %TXN% was taken back"
if "%STATE%"=="reverted" set "FAIL=expired %TXN% was taken back"
if defined FAIL exit /b 0
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if "%LOCK%"=="%TXN%" call :finish_confirm
exit /b 0

:verb_revert
if not exist "%T%\gen" set "FAIL=missing no transaction %TXN% on this host"
if defined FAIL exit /b 0
call :use
call :state
if "%STATE%"=="confirmed" set "FAIL=state %TXN% is already confirmed"
if "%STATE%"=="none" set "FAIL=state %TXN% is not armed: abandon it"
if defined FAIL exit /b 0
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if "%LOCK%"=="%TXN%" call :settle
if defined FAIL exit /b 0
goto verb_probe

:verb_abandon
call :use
call :state
if "%STATE%"=="armed" set "FAIL=state %TXN% is armed"
if "%STATE%"=="confirmed" set "FAIL=state %TXN% is confirmed"
if defined FAIL exit /b 0
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if "%STATE%"=="none" call :drop
if not "%STATE%"=="none" if "%LOCK%"=="%TXN%" call :settle
if defined FAIL exit /b 0
goto verb_probe

rem The dead man: the task runs this at the deadline, each minute from then on, and after a boot.
:verb_expire
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if "%LOCK%"=="%TXN%" goto settle
schtasks /delete /f /tn "meshctl-%TXN%" >nul 2>&1
exit /b 0

rem For a person at the console, elevated. Without a word: the confirmed rules. `original`: none of ours, and we forget.
:verb_break-glass
set "WHAT=%TXN%"
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if not defined LOCK goto glass
echo reverting or finishing %LOCK%
set "TXN=%LOCK%"
call :use
call :settle
if defined FAIL exit /b 0
:glass
set "TXN=break-glass"
call :use
if not exist "%T%" mkdir "%T%"
call :names
if "%CURRENT%"=="-" exit /b 0
if "%WHAT%"=="original" goto glass_original
echo restoring the confirmed generation %CURRENT%
call :run "%S%\generations\%CURRENT%" apply
if not defined FAIL call :note_rules
exit /b 0
:glass_original
echo deleting what meshctl made
call :run "%S%\generations\%CURRENT%" undo
if defined FAIL exit /b 0
set "GEN=-"
set "FROM=%CURRENT%"
call :history original
del /f /q "%S%\current" "%S%\previous" 2>nul
exit /b 0

rem ---------------------------------------------------------------------------------------------- rules

rem GENERATION NAME: runs its script NAME. It says itself how it ended and at which step; AT names that. Its words go to
rem the transaction's log; keys are in none of them.
:run
set "RAN="
set "AT=%~2 ended without a word, see %T%\log"
if exist "%~1\files\%~2.ps1" goto run_powershell
if not exist "%~1\files\%~2.cmd" set "FAIL=missing %~1\files\%~2.cmd is gone"
if defined FAIL exit /b 0
call "%~1\files\%~2.cmd" >"%T%\out" <nul
goto ran
:run_powershell
powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~1\files\%~2.ps1" >"%T%\out" <nul
:ran
type "%T%\out" >>"%T%\log"
for /f "usebackq tokens=1* delims==" %%A in ("%T%\out") do call :heard "%%A" "%%B"
if not "%RAN%"=="0" set "FAIL=activate %AT%"
exit /b 0
:heard
if "%~1"=="MESHCTL-FAILED" set "AT=%~2"
if "%~1"=="MESHCTL-RC" set "RAN=%~2"
exit /b 0

rem GENERATION GENERATION: what the first made goes, if the second is of another form: their scripts do not know each other.
:leave_form
call :form LEAVING "%~1"
call :form COMING "%~2"
if not "%LEAVING%"=="%COMING%" call :run "%~1" undo
exit /b 0
:form
set "%~1=powershell"
if not exist "%~2\files\undo.cmd" exit /b 0
set "%~1=netsh"
find "ipsec static" "%~2\files\undo.cmd" >nul
if not errorlevel 1 set "%~1=ipsec-static"
exit /b 0

rem LOST: what the scripts made and Windows does not have, as KIND/NAME. PRINT: a hash of all that netsh shows of our rules,
rem and LABEL, which it calls a rule's name by in the language of this session; CHANGED: it is not what :note_rules noted.
rem What netsh shows holds keys: it lies in our closed folder for a moment, and nothing but names and the hash is used. What seems
rem to be gone is looked for twice: a change of all hosts may hang on it.
:look_at_rules
call :look
if not defined LOST exit /b 0
call :pause
call :look
exit /b 0
:look
set "LOST="
set "PRINT="
set "LABEL="
set "CHANGED="
set "LIST=%S%\state\owned.txt"
if exist "%S%\state\side.txt" set "LIST=%S%\state\policies.txt"
if not exist "%LIST%" exit /b 0
if exist "%S%\state\side.txt" goto look_at_policies
type nul >"%SEEN%.ours"
set "MANY="
for %%F in ("%LIST%") do if %%~zF gtr 20000 set "MANY=yes"
for %%K in (consec mainmode) do call :see_rules %%K
goto looked
:look_at_policies
set "LABEL=policy"
for %%K in (policy filterlist filteraction) do call :see_static %%K
netsh ipsec static show policy all level=verbose >"%SEEN%.ours" 2>nul
:looked
for /f "usebackq tokens=1,2" %%K in ("%LIST%") do call :owned %%K %%L
certutil -hashfile "%SEEN%.ours" SHA256 >"%SEEN%" 2>nul
if not "%errorlevel%"=="0" type nul >"%SEEN%"
for /f "usebackq skip=1 tokens=*" %%H in ("%SEEN%") do if not defined PRINT set "PRINT=%%H"
del /f /q "%SEEN%" "%SEEN%.ours"
if not defined PRINT exit /b 0
set "PRINT=%PRINT: =%"
if exist "%S%\state\print" for /f "usebackq tokens=1*" %%A in ("%S%\state\print") do call :compare "%%A" "%%B"
exit /b 0
rem Two languages cannot be compared.
:compare
if "%~2"=="%LABEL%" if not "%~1"=="%PRINT%" set "CHANGED=yes"
exit /b 0

rem KIND: defines SEEN_KIND_NAME for each name of ours, and adds to SEEN.ours what is in them. A rule begins with its name,
rem and the first line of all tells what that is called. With some hundred rules that takes too long for each look.
:see_rules
netsh advfirewall %~1 show rule name=all verbose >"%SEEN%.all" 2>nul
if not defined LABEL for /f "usebackq tokens=1 delims=:" %%A in ("%SEEN%.all") do if not defined LABEL set "LABEL=%%A"
set "OURS="
if not defined MANY call :ours >>"%SEEN%.ours"
find "meshctl-" <"%SEEN%.all" >"%SEEN%"
del /f /q "%SEEN%.all"
goto see_names
:ours
for /f "usebackq tokens=1* delims=:" %%A in ("%SEEN%.all") do (set "K=%%A"& set "V=%%B"& call :ours_line)
exit /b 0
:ours_line
call :no_quotes
if not defined V exit /b 0
if "%K%"=="%LABEL%" set "OURS="
if "%K%"=="%LABEL%" for /f "tokens=1 delims=- " %%M in ("%V%") do if "%%M"=="meshctl" set "OURS=yes"
if defined OURS echo "%K%:%V%"
exit /b 0
:see_static
netsh ipsec static show %~1 all level=normal 2>nul | find "meshctl-" >"%SEEN%"
:see_names
for /f "usebackq tokens=1* delims=:" %%A in ("%SEEN%") do (set "K=%%A"& set "V=%%B"& call :seen %~1)
exit /b 0
:seen
call :no_quotes
if defined V for /f "tokens=1" %%N in ("%V%") do set "SEEN_%~1_%%N=yes"
exit /b 0
rem Others name their rules as they like, and whom Windows lets do that need not be one who may run commands as we do. Inside of
rem quotes all is text, as long as there are none in it; an argument of `call` would be read once more.
:no_quotes
set "K=%K:"=%"
if defined V set "V=%V:"=%"
exit /b 0
:owned
for %%S in (Root CA My) do if "%~1"=="%%S" goto owned_certificate
if not defined SEEN_%~1_%~2 set "LOST=%LOST% %~1/%~2"
exit /b 0
:owned_certificate
certutil -store %~1 %~2 >nul 2>&1
if not "%errorlevel%"=="0" set "LOST=%LOST% %~1/%~2"
exit /b 0

rem After a script has made them: this is what they should look like.
:note_rules
call :look_at_rules
if exist "%S%\state\print" del /f /q "%S%\state\print"
if defined PRINT >"%S%\state\print" echo %PRINT% %LABEL%
exit /b 0

rem Defines SA_LOCAL_REMOTE for each quick-mode SA: two values that follow each other, whatever their labels are called.
:associations
set "LAST="
netsh advfirewall monitor show qmsa all >"%SEEN%" 2>nul
for /f "usebackq tokens=1* delims=:" %%A in ("%SEEN%") do call :value "%%B"
del /f /q "%SEEN%"
exit /b 0
:value
set "VALUE="
for /f "tokens=1" %%V in ("%~1") do set "VALUE=%%V"
if not defined VALUE exit /b 0
if defined LAST set "SA_%LAST%_%VALUE%=yes"
set "LAST=%VALUE%"
exit /b 0

rem ---------------------------------------------------------------------------------------------- the way back, and the end

rem Back to FROM, or to nothing. Nothing was changed before `started` was there.
:back
if not exist "%T%\started" exit /b 0
if "%FROM%"=="-" call :run "%NEW%" undo
if "%FROM%"=="-" exit /b 0
if not "%GEN%"=="original" call :leave_form "%NEW%" "%OLD%"
if not defined FAIL call :run "%OLD%" apply
if not defined FAIL call :note_rules
exit /b 0

rem Leads TXN to its end, whatever was done of it: armed counts as expired. FAIL: the way back failed, all stays for the
rem next try.
:settle
call :use
call :leave_armed expired
if "%STATE%"=="confirmed" goto finish_confirm
if "%STATE%"=="none" goto drop
if "%STATE%"=="armed" set "FAIL=internal cannot rename in %T%"
if defined FAIL exit /b 0
call :back
if defined FAIL exit /b 0
call :history %STATE%
del /f /q "%S%\trial" 2>nul
goto unlock

rem `confirmed` was won: the names follow, then the lock goes. Everything is derived from txn\TXN, so it can be repeated.
:finish_confirm
call :names
if "%GEN%"=="original" goto forget_all
rem A repair changes no generation: the run that brought it stays the one that rollback undoes.
set "BY=%TXN%"
if "%GEN%"=="%FROM%" if not "%CONFIRMED%"=="-" set "BY=%CONFIRMED%"
if not "%GEN%"=="%FROM%" call :put "%S%\previous" "%FROM%"
call :put "%S%\current" "%GEN% %BY%"
if defined FAIL exit /b 0
call :history confirmed
call :collect
del /f /q "%S%\trial" 2>nul
goto unlock

rem None of our rules is there: so nothing here is ours any more. Left are history.jsonl, and this transaction, so that `confirm`
rem can be called again.
:forget_all
call :history confirmed
del /f /q "%S%\current" "%S%\previous" "%S%\trial" "%S%\break-glass.cmd" "%S%\undo.cmd" "%S%\undo.ps1" "%S%\agent.cmd" 2>nul
del /f /q "%S%\state\original.wfw" "%S%\state\print" 2>nul
call :collect
goto unlock

rem The lock, then the task that would end it (W2).
:unlock
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if "%LOCK%"=="%TXN%" del /f /q "%S%\lock"
schtasks /delete /f /tn "meshctl-%TXN%" >nul 2>&1
exit /b 0

rem RESULT: one line a finished transaction. Nobody here knows the time in a form that all Windows share; the file's own does.
:history
find "%TXN%" "%S%\history.jsonl" >nul 2>&1
if not errorlevel 1 exit /b 0
>>"%S%\history.jsonl" echo {"txn":"%TXN%","result":"%~1","from":"%FROM%","to":"%GEN%"}
exit /b 0

rem Removes the generations that no name holds, and older transactions.
:collect
call :names
cd /d "%S%\generations"
for /d %%D in (*) do call :collect_generation "%%D"
cd /d "%S%\txn"
for /d %%D in (*) do if not "%%D"=="%TXN%" rmdir /s /q "%%D" 2>nul
cd /d "%SystemRoot%\System32"
exit /b 0
:collect_generation
if "%~1"=="%CURRENT%" exit /b 0
if "%~1"=="%PREVIOUS%" exit /b 0
rmdir /s /q "%~1" 2>nul
exit /b 0

rem A transaction that was never armed leaves nothing behind but what others hold, too. The task's own copy of this file
rem lies in T, so it goes with the next transaction.
:drop
call :names
if exist "%S%\generations\.new-%TXN%" rmdir /s /q "%S%\generations\.new-%TXN%"
if not defined GEN goto drop_lock
if "%GEN%"=="%CURRENT%" goto drop_lock
if "%GEN%"=="%PREVIOUS%" goto drop_lock
if exist "%NEW%" rmdir /s /q "%NEW%"
:drop_lock
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if "%LOCK%"=="%TXN%" del /f /q "%S%\trial" 2>nul
call :unlock
if not "%VERB%"=="expire" if exist "%T%" rmdir /s /q "%T%"
exit /b 0

rem SECONDS: from then on, each minute, and at once after a boot, somebody ends TXN. On battery, too; without any session.
:guard
copy /y "%SELF%" "%T%\agent.cmd" >nul
>"%T%\task.xml" echo ^<?xml version="1.0"?^>
>>"%T%\task.xml" echo ^<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"^>
>>"%T%\task.xml" echo ^<RegistrationInfo^>^<Description^>Reverts an IPsec change of meshctl that was not confirmed^</Description^>^</RegistrationInfo^>
>>"%T%\task.xml" echo ^<Triggers^>
>>"%T%\task.xml" echo ^<RegistrationTrigger^>^<Enabled^>true^</Enabled^>^<Repetition^>^<Interval^>PT1M^</Interval^>^</Repetition^>^<Delay^>PT%~1S^</Delay^>^</RegistrationTrigger^>
>>"%T%\task.xml" echo ^<BootTrigger^>^<Enabled^>true^</Enabled^>^<Repetition^>^<Interval^>PT1M^</Interval^>^</Repetition^>^</BootTrigger^>
>>"%T%\task.xml" echo ^</Triggers^>
>>"%T%\task.xml" echo ^<Principals^>^<Principal id="Author"^>^<UserId^>S-1-5-18^</UserId^>^<RunLevel^>HighestAvailable^</RunLevel^>^</Principal^>^</Principals^>
>>"%T%\task.xml" echo ^<Settings^>
>>"%T%\task.xml" echo ^<MultipleInstancesPolicy^>IgnoreNew^</MultipleInstancesPolicy^>
>>"%T%\task.xml" echo ^<DisallowStartIfOnBatteries^>false^</DisallowStartIfOnBatteries^>
>>"%T%\task.xml" echo ^<StopIfGoingOnBatteries^>false^</StopIfGoingOnBatteries^>
>>"%T%\task.xml" echo ^<StartWhenAvailable^>true^</StartWhenAvailable^>
>>"%T%\task.xml" echo ^<RunOnlyIfNetworkAvailable^>false^</RunOnlyIfNetworkAvailable^>
>>"%T%\task.xml" echo ^<Enabled^>true^</Enabled^>
>>"%T%\task.xml" echo ^<RunOnlyIfIdle^>false^</RunOnlyIfIdle^>
>>"%T%\task.xml" echo ^<WakeToRun^>true^</WakeToRun^>
>>"%T%\task.xml" echo ^<ExecutionTimeLimit^>PT1H^</ExecutionTimeLimit^>
>>"%T%\task.xml" echo ^<Priority^>4^</Priority^>
>>"%T%\task.xml" echo ^</Settings^>
>>"%T%\task.xml" echo ^<Actions Context="Author"^>^<Exec^>^<Command^>%SystemRoot%\System32\cmd.exe^</Command^>^<Arguments^>/d /c %T%\agent.cmd expire %TXN%^</Arguments^>^</Exec^>^</Actions^>
>>"%T%\task.xml" echo ^</Task^>
schtasks /create /f /tn "meshctl-%TXN%" /xml "%T%\task.xml" >"%T%\out" 2>&1
if errorlevel 1 set "FAIL=internal the scheduled task cannot be made, see %T%\out"
exit /b 0

rem ---------------------------------------------------------------------------------------------- small things

rem About a second. timeout.exe wants a console.
:pause
ping -n 2 127.0.0.1 >nul
exit /b 0

rem FILE TEXT: written whole or not at all.
:put
>"%~1.new" echo %~2
move /y "%~1.new" "%~1" >nul
set "PUT="& if exist "%~1" set /p PUT=<"%~1"
if not "%PUT%"=="%~2" set "FAIL=space cannot write %~1"
exit /b 0

rem TXN's folder T, its generations GEN and FROM ("-": none), their folders NEW and OLD. GEN `original`: none of our rules.
:use
set "T=%S%\txn\%TXN%"
set "GEN="& if exist "%T%\gen" set /p GEN=<"%T%\gen"
set "FROM="& if exist "%T%\from" set /p FROM=<"%T%\from"
set "NEW=%S%\generations\%GEN%"
set "OLD=%S%\generations\%FROM%"
exit /b 0

:state
set "STATE=none"
for %%F in (reverted expired confirmed armed) do if exist "%T%\%%F" set "STATE=%%F"
exit /b 0

rem NAME: W3. A scanner may hold the file for a moment.
:leave_armed
for %%I in (1 2 3) do call :try_leave_armed %~1
exit /b 0
:try_leave_armed
call :state
if not "%STATE%"=="armed" exit /b 0
ren "%T%\armed" %~1 2>nul
call :state
if "%STATE%"=="armed" call :pause
exit /b 0

rem CURRENT, and CONFIRMED, the transaction that brought it; PREVIOUS, TRIAL. "-" where there is none.
:names
set "CURRENT=-"
set "CONFIRMED=-"
if exist "%S%\current" for /f "usebackq tokens=1,2" %%A in ("%S%\current") do call :set_current %%A %%B
set "PREVIOUS="& if exist "%S%\previous" set /p PREVIOUS=<"%S%\previous"
if not defined PREVIOUS set "PREVIOUS=-"
set "TRIAL="& if exist "%S%\trial" set /p TRIAL=<"%S%\trial"
if not defined TRIAL set "TRIAL=-"
exit /b 0
:set_current
set "CURRENT=%~1"
set "CONFIRMED=%~2"
exit /b 0

rem LOCK: the transaction that holds the host. DEAD: nothing will end it any more (W2).
:read_lock
set "DEAD="
set "LOCK="& if exist "%S%\lock" set /p LOCK=<"%S%\lock"
if not defined LOCK exit /b 0
schtasks /query /tn "meshctl-%LOCK%" >nul 2>&1
if errorlevel 1 set "DEAD=yes"
exit /b 0

:need_lock
call :use
call :read_lock
if not exist "%T%\gen" set "FAIL=missing no transaction %TXN% on this host"
if defined FAIL exit /b 0
if "%LOCK%"=="%TXN%" exit /b 0
call :state
set "FAIL=locked %LOCK%: not by %TXN%"
if not defined LOCK set "FAIL=locked nobody: not by %TXN%"
if "%STATE%"=="expired" set "FAIL=expired %TXN% was taken back"
if "%STATE%"=="reverted" set "FAIL=expired %TXN% was taken back"
exit /b 0
