# Connection-security rules of host {{host}}, made by meshctl. Run it in an elevated PowerShell; running it again does no harm.
# The last line it prints is MESHCTL-RC=0, or MESHCTL-RC=20 below the step that failed. undo.ps1 takes all of it back.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 1
$group = '{{group}}'
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
{{#if psk_files}}
    $step = 'the folder of the keys'
    & icacls.exe "$PSScriptRoot\keys" /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'icacls' }
{{/if}}
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
        Exemptions = {{#each exemption_words}}{{#if more}}, {{/if}}'{{word}}'{{/each}}
    }
    Set-NetFirewallSetting @values
{{#if through_nat}}
    $values = @{
        AllowIPsecThroughNAT = 'Both'
    }
    Set-NetFirewallSetting @values
{{/if}}
{{#each exemptions}}

    $values = @{
        Name = '{{name}}'
        DisplayName = '{{name}}'
        Group = $group
        Description = '{{description}}'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '{{local}}'
        RemoteAddress = '{{remote}}'
        Protocol = '{{protocol}}'
{{#if ports}}
        LocalPort = '{{port1}}'
        RemotePort = '{{port2}}'
{{/if}}
        InboundSecurity = 'None'
        OutboundSecurity = 'None'
    }
    Write-Object NetIPsecRule $values
{{/each}}
{{#if certificates}}

    # Certificates: CAs as trusted roots, this host's own with its private key. What a store has already is left as it
    # is, then and when all is taken back; what is added is ours, so it is in the list before.
{{#each certificate_files}}
    $step = '{{file}}'
    $line = '{{store}} {{thumbprint}}'
    if (-not (Test-Path -LiteralPath 'Cert:\LocalMachine\{{store}}\{{thumbprint}}')) {
        $owned += $line
        Add-Content -LiteralPath $list -Value $line -Encoding Ascii
        $values = @{
            FilePath = "$PSScriptRoot\{{file}}"
            CertStoreLocation = 'Cert:\LocalMachine\{{store}}'
        }
        Import-Certificate @values | Out-Null
    }
    if ($owned -contains $line) { $keep += $line }
{{/each}}
{{#if own_key}}
    $step = 'host.pfx'
    $line = 'My {{own_thumbprint}}'
    & icacls.exe "$PSScriptRoot\host.pfx" /inheritance:r /grant:r '*S-1-5-18:F' '*S-1-5-32-544:F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'icacls' }
    if (-not (Test-Path -LiteralPath 'Cert:\LocalMachine\My\{{own_thumbprint}}')) {
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
{{/if}}
{{/if}}
{{#if revocation}}

    # Whoever is on the revocation list gets no SA. What the setting was is kept for undo.ps1. Cert: shows no lists, so
    # certutil brings them.
{{#each revocation_files}}
    $step = '{{file}}'
    $line = '{{store}} {{thumbprint}}'
    & certutil.exe -store {{store}} {{thumbprint}} | Out-Null
    if ($LASTEXITCODE -ne 0) {
        $owned += $line
        Add-Content -LiteralPath $list -Value $line -Encoding Ascii
        & certutil.exe -f -addstore {{store}} "$PSScriptRoot\{{file}}" | Out-Null
        if ($LASTEXITCODE -ne 0) { throw 'certutil' }
    }
    if ($owned -contains $line) { $keep += $line }
{{/each}}
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
{{else}}

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
{{/if}}
{{#each main_sets}}

    $values = @{
        Name = '{{name}}'
        DisplayName = '{{name}}'
        Group = $group
        MaxMinutes = {{minutes}}
        Proposal = (New-NetIPsecMainModeCryptoProposal -Encryption {{encryption}} -Hash {{hash}} -KeyExchange {{exchange}})
    }
    Write-Object NetIPsecMainModeCryptoSet $values
{{/each}}
{{#each quick_sets}}

    $values = @{
        Name = '{{name}}'
        DisplayName = '{{name}}'
        Group = $group
        PerfectForwardSecrecyGroup = '{{pfs}}'
        Proposal = (New-NetIPsecQuickModeCryptoProposal -Encapsulation {{encapsulation}}{{#if ah}} -AHHash {{ah_hash}}{{/if}}{{#if esp}} -ESPHash {{hash}} -Encryption {{encryption}}{{/if}} -MaxMinutes {{minutes}} -MaxKiloBytes {{kilobytes}})
    }
    Write-Object NetIPsecQuickModeCryptoSet $values
{{/each}}
{{#each auth_sets}}

{{#if psk}}
    $key = [IO.File]::ReadAllText("$PSScriptRoot\keys\{{stem}}.psk")
{{/if}}
    $values = @{
        Name = '{{name}}'
        DisplayName = '{{name}}'
        Group = $group
{{#if psk}}
        Proposal = (New-NetIPsecAuthProposal -Machine -PreSharedKey $key)
{{/if}}
{{#if kerberos}}
        Proposal = (New-NetIPsecAuthProposal -Machine -Kerberos)
{{/if}}
{{#if certificate}}
        Proposal = @({{#each authorities}}{{#if more}}, {{/if}}(New-NetIPsecAuthProposal -Machine -Cert -Authority '{{authority}}' -AuthorityType Root){{/each}})
{{/if}}
    }
    Write-Object NetIPsecPhase1AuthSet $values
{{/each}}
{{#each main_rules}}

    $values = @{
        Name = '{{name}}'
        DisplayName = '{{name}}'
        Group = $group
        LocalAddress = '{{local}}'
        RemoteAddress = '{{remote}}'
        MainModeCryptoSet = '{{main_set}}'
        Phase1AuthSet = '{{auth_set}}'
    }
    Write-Object NetIPsecMainModeRule $values
{{/each}}
{{#each links}}

    $values = @{
        Name = '{{name}}'
        DisplayName = '{{name}}'
        Group = $group
        Description = '{{description}}'
        Enabled = 'True'
        Profile = 'Any'
        Mode = 'Transport'
        LocalAddress = '{{local}}'
        RemoteAddress = '{{remote}}'
        Protocol = '{{protocol}}'
{{#if ports}}
        LocalPort = '{{port1}}'
        RemotePort = '{{port2}}'
{{/if}}
        InboundSecurity = '{{security}}'
        OutboundSecurity = '{{security}}'
        KeyModule = '{{key_module}}'
        QuickModeCryptoSet = '{{quick_set}}'
        Phase1AuthSet = '{{auth_set}}'
    }
    Write-Object NetIPsecRule $values
{{/each}}

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
