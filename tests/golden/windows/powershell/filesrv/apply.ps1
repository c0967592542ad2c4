# Connection-security rules of host filesrv, made by meshctl. Run it in an elevated PowerShell; running it again does no harm.
# The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.ps1 takes all of it back.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 1
$group = 'meshctl-office'
$wanted = @()
$step = 'start'

# What is ours, one line KIND NAME each: as it was, and as it will be.
$list = "$env:ProgramData\meshctl\state\owned.txt"
$owned = @()
$keep = @()
$kinds = @{ NetIPsecRule = 'consec'; NetIPsecMainModeRule = 'mainmode' }

# Makes the object or changes it; nothing is removed on the way, so that no protection lapses.
function Write-Object([string] $noun, [hashtable] $values) {
    $script:step = $values.Name
    $script:wanted += "$noun $($values.Name)"
    if ($kinds.ContainsKey($noun)) { $script:keep += "$($kinds[$noun]) $($values.Name)" }
    if (& "Get-$noun" -PolicyStore PersistentStore -Name $values.Name -ErrorAction SilentlyContinue) {
        $values.Remove('DisplayName')
        $values.Remove('Group')
        & "Set-$noun" @values | Out-Null
    } else {
        & "New-$noun" @values | Out-Null
    }
}

try {
    $step = 'the state folder'
    New-Item -ItemType Directory -Force -Path "$env:ProgramData\meshctl\state" | Out-Null
    & icacls.exe "$env:ProgramData\meshctl\state" /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'icacls' }
    if (Test-Path -LiteralPath $list) { $owned = @(Get-Content -LiteralPath $list) }
    $step = 'the folder of the keys'
    & icacls.exe "$PSScriptRoot\keys" /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'icacls' }
    # No rule acts while this service is stopped, and Windows starts it when something asks for it. What it was is kept for
    # undo.ps1. One that is disabled is so by somebody's decision, which stands.
    $step = 'the service ikeext'
    $shown = & sc.exe qc ikeext | Out-String
    if ($shown -match 'DISABLED') { throw 'disabled' }
    if ($shown -match 'DEMAND_START') {
        Set-Content -LiteralPath "$env:ProgramData\meshctl\state\ikeext.start" -Value 'demand' -Encoding Ascii
    }
    & sc.exe config ikeext start= auto | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'sc' }
    & sc.exe start ikeext | Out-Null
    foreach ($seconds in 1, 1, 1, 2, 5, 10, 10) {
        $shown = & sc.exe query ikeext | Out-String
        if ($shown -match 'RUNNING') { break }
        Start-Sleep -Seconds $seconds
    }
    if ($shown -notmatch 'RUNNING') { throw 'sc' }
    # What passes in clear, so that nothing is shut out on the way.
    $step = 'exemptions'
    $values = @{
        Exemptions = 'NeighborDiscovery', 'Dhcp'
    }
    Set-NetFirewallSetting @values

    $values = @{
        Name = 'meshctl-office-bypass-47-any'
        DisplayName = 'meshctl-office-bypass-47-any'
        Group = $group
        Description = 'office: in clear'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = 'Any'
        RemoteAddress = 'Any'
        Protocol = '47'
        InboundSecurity = 'None'
        OutboundSecurity = 'None'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-ssh-controller-22-any-192.0.2.8-192.0.2.1'
        DisplayName = 'meshctl-office-ssh-controller-22-any-192.0.2.8-192.0.2.1'
        Group = $group
        Description = 'office: in clear'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.1'
        Protocol = 'tcp'
        LocalPort = '22'
        RemotePort = 'any'
        InboundSecurity = 'None'
        OutboundSecurity = 'None'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-bypass-udp-any-53-192.0.2.8-192.0.2.1'
        DisplayName = 'meshctl-office-bypass-udp-any-53-192.0.2.8-192.0.2.1'
        Group = $group
        Description = 'office: in clear'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.1'
        Protocol = 'udp'
        LocalPort = 'any'
        RemotePort = '53'
        InboundSecurity = 'None'
        OutboundSecurity = 'None'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-bob-192.0.2.8-192.0.2.2-tcp-22-any-clear'
        DisplayName = 'meshctl-office-bob-192.0.2.8-192.0.2.2-tcp-22-any-clear'
        Group = $group
        Description = 'office: filesrv with bob, tcp-22-any in clear'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.2'
        Protocol = 'tcp'
        LocalPort = '22'
        RemotePort = 'any'
        InboundSecurity = 'None'
        OutboundSecurity = 'None'
    }
    Write-Object NetIPsecRule $values

    $step = 'the check of revocation'
    $was = "$env:ProgramData\meshctl\state\certvalidationlevel.txt"
    if (Test-Path -LiteralPath $was) {
        $level = Get-Content -LiteralPath $was
        $values = @{
            CertValidationLevel = "$level"
        }
        Set-NetFirewallSetting @values
        Remove-Item -LiteralPath $was
    }

    $values = @{
        Name = 'meshctl-office-mm-dhgroup14-aes256-sha256-480min'
        DisplayName = 'meshctl-office-mm-dhgroup14-aes256-sha256-480min'
        Group = $group
        MaxMinutes = 480
        Proposal = (New-NetIPsecMainModeCryptoProposal -Encryption AES256 -Hash SHA256 -KeyExchange DH14)
    }
    Write-Object NetIPsecMainModeCryptoSet $values

    $values = @{
        Name = 'meshctl-office-qm-esp-sha1-aes256-60min-2147483647kb-dhgroup14'
        DisplayName = 'meshctl-office-qm-esp-sha1-aes256-60min-2147483647kb-dhgroup14'
        Group = $group
        PerfectForwardSecrecyGroup = 'DH14'
        Proposal = (New-NetIPsecQuickModeCryptoProposal -Encapsulation ESP -ESPHash SHA1 -Encryption AES256 -MaxMinutes 60 -MaxKiloBytes 2147483647)
    }
    Write-Object NetIPsecQuickModeCryptoSet $values

    $values = @{
        Name = 'meshctl-office-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        DisplayName = 'meshctl-office-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Group = $group
        PerfectForwardSecrecyGroup = 'DH14'
        Proposal = (New-NetIPsecQuickModeCryptoProposal -Encapsulation ESP -ESPHash SHA256 -Encryption AES256 -MaxMinutes 60 -MaxKiloBytes 2147483647)
    }
    Write-Object NetIPsecQuickModeCryptoSet $values

    $key = [IO.File]::ReadAllText("$PSScriptRoot\keys\alice.psk")
    $values = @{
        Name = 'meshctl-office-psk-alice'
        DisplayName = 'meshctl-office-psk-alice'
        Group = $group
        Proposal = (New-NetIPsecAuthProposal -Machine -PreSharedKey $key)
    }
    Write-Object NetIPsecPhase1AuthSet $values

    $key = [IO.File]::ReadAllText("$PSScriptRoot\keys\bob.psk")
    $values = @{
        Name = 'meshctl-office-psk-bob'
        DisplayName = 'meshctl-office-psk-bob'
        Group = $group
        Proposal = (New-NetIPsecAuthProposal -Machine -PreSharedKey $key)
    }
    Write-Object NetIPsecPhase1AuthSet $values

    $values = @{
        Name = 'meshctl-office-alice-192.0.2.8-192.0.2.1-mm'
        DisplayName = 'meshctl-office-alice-192.0.2.8-192.0.2.1-mm'
        Group = $group
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.1'
        MainModeCryptoSet = 'meshctl-office-mm-dhgroup14-aes256-sha256-480min'
        Phase1AuthSet = 'meshctl-office-psk-alice'
    }
    Write-Object NetIPsecMainModeRule $values

    $values = @{
        Name = 'meshctl-office-alice-2001_db8__8-2001_db8__1-mm'
        DisplayName = 'meshctl-office-alice-2001_db8__8-2001_db8__1-mm'
        Group = $group
        LocalAddress = '2001:db8::8'
        RemoteAddress = '2001:db8::1'
        MainModeCryptoSet = 'meshctl-office-mm-dhgroup14-aes256-sha256-480min'
        Phase1AuthSet = 'meshctl-office-psk-alice'
    }
    Write-Object NetIPsecMainModeRule $values

    $values = @{
        Name = 'meshctl-office-bob-192.0.2.8-192.0.2.2-mm'
        DisplayName = 'meshctl-office-bob-192.0.2.8-192.0.2.2-mm'
        Group = $group
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.2'
        MainModeCryptoSet = 'meshctl-office-mm-dhgroup14-aes256-sha256-480min'
        Phase1AuthSet = 'meshctl-office-psk-bob'
    }
    Write-Object NetIPsecMainModeRule $values

    $values = @{
        Name = 'meshctl-office-alice-192.0.2.8-192.0.2.1-any'
        DisplayName = 'meshctl-office-alice-192.0.2.8-192.0.2.1-any'
        Group = $group
        Description = 'office: filesrv with alice, all traffic'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.1'
        Protocol = 'any'
        InboundSecurity = 'Require'
        OutboundSecurity = 'Require'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-office-qm-esp-sha1-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-office-psk-alice'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-alice-2001_db8__8-2001_db8__1-any'
        DisplayName = 'meshctl-office-alice-2001_db8__8-2001_db8__1-any'
        Group = $group
        Description = 'office: filesrv with alice, all traffic'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '2001:db8::8'
        RemoteAddress = '2001:db8::1'
        Protocol = 'any'
        InboundSecurity = 'Require'
        OutboundSecurity = 'Require'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-office-qm-esp-sha1-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-office-psk-alice'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-bob-192.0.2.8-192.0.2.2-tcp-445-any'
        DisplayName = 'meshctl-office-bob-192.0.2.8-192.0.2.2-tcp-445-any'
        Group = $group
        Description = 'office: filesrv with bob, tcp-445-any'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.2'
        Protocol = 'tcp'
        LocalPort = '445'
        RemotePort = 'any'
        InboundSecurity = 'Request'
        OutboundSecurity = 'Request'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-office-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-office-psk-bob'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-bob-192.0.2.8-192.0.2.2-udp-any-53'
        DisplayName = 'meshctl-office-bob-192.0.2.8-192.0.2.2-udp-any-53'
        Group = $group
        Description = 'office: filesrv with bob, udp-any-53'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.2'
        Protocol = 'udp'
        LocalPort = 'any'
        RemotePort = '53'
        InboundSecurity = 'Request'
        OutboundSecurity = 'Request'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-office-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-office-psk-bob'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-office-bob-192.0.2.8-192.0.2.2-icmpv4'
        DisplayName = 'meshctl-office-bob-192.0.2.8-192.0.2.2-icmpv4'
        Group = $group
        Description = 'office: filesrv with bob, icmpv4'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.8'
        RemoteAddress = '192.0.2.2'
        Protocol = 'icmpv4'
        InboundSecurity = 'Request'
        OutboundSecurity = 'Request'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-office-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-office-psk-bob'
    }
    Write-Object NetIPsecRule $values

    # What is no longer wanted goes last: rules before the sets that they refer to.
    $step = 'a rule that is no longer wanted'
    foreach ($noun in 'NetIPsecRule', 'NetIPsecMainModeRule', 'NetIPsecPhase1AuthSet', 'NetIPsecQuickModeCryptoSet', 'NetIPsecMainModeCryptoSet') {
        $stale = @(& "Get-$noun" -PolicyStore PersistentStore -Group $group -ErrorAction SilentlyContinue | Where-Object { $wanted -notcontains "$noun $($_.InstanceID)" })
        foreach ($object in $stale) {
            & "Remove-$noun" -PolicyStore PersistentStore -Name $object.InstanceID
        }
    }
    $step = 'a certificate that is no longer wanted'
    foreach ($line in $owned) {
        $place = 'Cert:\LocalMachine\' + $line.Replace(' ', '\')
        if ($keep -contains $line -or $line -notmatch '^(Root|CA|My) ') { continue }
        if (-not (Test-Path -LiteralPath $place)) {
            if ($line -like 'CA *') { & certutil.exe -delstore CA $line.Substring(3) | Out-Null }
            continue
        }
        if ($line -like 'My *') {
            Remove-Item -LiteralPath $place -DeleteKey
        } else {
            Remove-Item -LiteralPath $place
        }
    }
    $step = 'the list of what is ours'
    Set-Content -LiteralPath "$list.new" -Value $keep -Encoding Ascii
    Move-Item -LiteralPath "$list.new" -Destination $list -Force
} catch {
    # The message itself may hold values; the id tells what went wrong.
    Write-Output "MESHCTL-FAILED=$step $($_.FullyQualifiedErrorId)"
    Write-Output 'MESHCTL-RC=20'
    exit 20
}
Write-Output 'MESHCTL-RC=0'
exit 0
