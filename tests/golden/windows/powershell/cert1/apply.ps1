# Connection-security rules of host cert1, made by meshctl. Run it in an elevated PowerShell; running it again does no harm.
# The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.ps1 takes all of it back.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 1
$group = 'meshctl-lab'
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
        Exemptions = 'None'
    }
    Set-NetFirewallSetting @values

    # Certificates: CAs as trusted roots, this host's own with its private key. What a store has already is left as it
    # is, then and when all is taken back; what is added is ours, so it is in the list before.
    $step = 'ca-1.cer'
    $line = 'Root 856af9e833e28f507c9a7883d409829dc558cf6e'
    if (-not (Test-Path -LiteralPath 'Cert:\LocalMachine\Root\856af9e833e28f507c9a7883d409829dc558cf6e')) {
        $owned += $line
        Add-Content -LiteralPath $list -Value $line -Encoding Ascii
        $values = @{
            FilePath = "$PSScriptRoot\ca-1.cer"
            CertStoreLocation = 'Cert:\LocalMachine\Root'
        }
        Import-Certificate @values | Out-Null
    }
    if ($owned -contains $line) { $keep += $line }
    $step = 'host.pfx'
    $line = 'My 856af9e833e28f507c9a7883d409829dc558cf6e'
    & icacls.exe "$PSScriptRoot\host.pfx" /inheritance:r /grant:r '*S-1-5-18:F' '*S-1-5-32-544:F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'icacls' }
    if (-not (Test-Path -LiteralPath 'Cert:\LocalMachine\My\856af9e833e28f507c9a7883d409829dc558cf6e')) {
        $owned += $line
        Add-Content -LiteralPath $list -Value $line -Encoding Ascii
        $values = @{
            FilePath = "$PSScriptRoot\host.pfx"
            CertStoreLocation = 'Cert:\LocalMachine\My'
            Password = (New-Object System.Security.SecureString)
        }
        Import-PfxCertificate @values | Out-Null
    }
    if ($owned -contains $line) { $keep += $line }

    # Whoever is on the revocation list gets no SA. What the setting was is kept for undo.ps1. Cert: shows no lists, so
    # certutil brings them.
    $step = 'crl-1.crl'
    $line = 'CA 00112233445566778899aabbccddeeff00112233'
    & certutil.exe -store CA 00112233445566778899aabbccddeeff00112233 | Out-Null
    if ($LASTEXITCODE -ne 0) {
        $owned += $line
        Add-Content -LiteralPath $list -Value $line -Encoding Ascii
        & certutil.exe -f -addstore CA "$PSScriptRoot\crl-1.crl" | Out-Null
        if ($LASTEXITCODE -ne 0) { throw 'certutil' }
    }
    if ($owned -contains $line) { $keep += $line }
    $step = 'the check of revocation'
    $was = "$env:ProgramData\meshctl\state\certvalidationlevel.txt"
    if (-not (Test-Path -LiteralPath $was)) {
        $setting = Get-NetFirewallSetting
        Set-Content -LiteralPath $was -Value "$($setting.CertValidationLevel)" -Encoding Ascii
    }
    $values = @{
        CertValidationLevel = 'AttemptCrlCheck'
    }
    Set-NetFirewallSetting @values

    $values = @{
        Name = 'meshctl-lab-mm-dhgroup14-aes256-sha256-480min'
        DisplayName = 'meshctl-lab-mm-dhgroup14-aes256-sha256-480min'
        Group = $group
        MaxMinutes = 480
        Proposal = (New-NetIPsecMainModeCryptoProposal -Encryption AES256 -Hash SHA256 -KeyExchange DH14)
    }
    Write-Object NetIPsecMainModeCryptoSet $values

    $values = @{
        Name = 'meshctl-lab-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        DisplayName = 'meshctl-lab-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Group = $group
        PerfectForwardSecrecyGroup = 'DH14'
        Proposal = (New-NetIPsecQuickModeCryptoProposal -Encapsulation ESP -ESPHash SHA256 -Encryption AES256 -MaxMinutes 60 -MaxKiloBytes 2147483647)
    }
    Write-Object NetIPsecQuickModeCryptoSet $values

    $values = @{
        Name = 'meshctl-lab-certificate'
        DisplayName = 'meshctl-lab-certificate'
        Group = $group
        Proposal = @((New-NetIPsecAuthProposal -Machine -Cert -Authority 'O=office, CN=office CA' -AuthorityType Root))
    }
    Write-Object NetIPsecPhase1AuthSet $values

    $values = @{
        Name = 'meshctl-lab-cert2-192.0.2.21-192.0.2.22-mm'
        DisplayName = 'meshctl-lab-cert2-192.0.2.21-192.0.2.22-mm'
        Group = $group
        LocalAddress = '192.0.2.21'
        RemoteAddress = '192.0.2.22'
        MainModeCryptoSet = 'meshctl-lab-mm-dhgroup14-aes256-sha256-480min'
        Phase1AuthSet = 'meshctl-lab-certificate'
    }
    Write-Object NetIPsecMainModeRule $values

    $values = @{
        Name = 'meshctl-lab-swan-192.0.2.21-192.0.2.23-mm'
        DisplayName = 'meshctl-lab-swan-192.0.2.21-192.0.2.23-mm'
        Group = $group
        LocalAddress = '192.0.2.21'
        RemoteAddress = '192.0.2.23'
        MainModeCryptoSet = 'meshctl-lab-mm-dhgroup14-aes256-sha256-480min'
        Phase1AuthSet = 'meshctl-lab-certificate'
    }
    Write-Object NetIPsecMainModeRule $values

    $values = @{
        Name = 'meshctl-lab-cert2-192.0.2.21-192.0.2.22-any'
        DisplayName = 'meshctl-lab-cert2-192.0.2.21-192.0.2.22-any'
        Group = $group
        Description = 'lab: cert1 with cert2, all traffic'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.21'
        RemoteAddress = '192.0.2.22'
        Protocol = 'any'
        InboundSecurity = 'Require'
        OutboundSecurity = 'Require'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-lab-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-lab-certificate'
    }
    Write-Object NetIPsecRule $values

    $values = @{
        Name = 'meshctl-lab-swan-192.0.2.21-192.0.2.23-any'
        DisplayName = 'meshctl-lab-swan-192.0.2.21-192.0.2.23-any'
        Group = $group
        Description = 'lab: cert1 with swan, all traffic'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '192.0.2.21'
        RemoteAddress = '192.0.2.23'
        Protocol = 'any'
        InboundSecurity = 'Require'
        OutboundSecurity = 'Require'
        KeyModule = 'IKEv1'
        QuickModeCryptoSet = 'meshctl-lab-qm-esp-sha256-aes256-60min-2147483647kb-dhgroup14'
        Phase1AuthSet = 'meshctl-lab-certificate'
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
