# Takes back what apply.ps1 of meshctl did on host cert1. Run it in an elevated PowerShell; running it again does no harm.
# Only objects of the group below are removed, and certificates that apply.ps1 added. Exemptions go back to what Windows comes with.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 1
$group = 'meshctl-lab'
$list = "$env:ProgramData\meshctl\state\owned.txt"
try {
    foreach ($noun in 'NetIPsecRule', 'NetIPsecMainModeRule', 'NetIPsecPhase1AuthSet', 'NetIPsecQuickModeCryptoSet', 'NetIPsecMainModeCryptoSet') {
        $ours = @(& "Get-$noun" -PolicyStore PersistentStore -Group $group -ErrorAction SilentlyContinue)
        foreach ($object in $ours) {
            & "Remove-$noun" -PolicyStore PersistentStore -Name $object.InstanceID
        }
    }
    if (Test-Path -LiteralPath $list) {
        foreach ($line in @(Get-Content -LiteralPath $list)) {
            $place = 'Cert:\LocalMachine\' + $line.Replace(' ', '\')
            if ($line -notmatch '^(Root|CA|My) ') { continue }
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
        Remove-Item -LiteralPath $list
    }
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
        Exemptions = 'NeighborDiscovery', 'Dhcp'
    }
    Set-NetFirewallSetting @values
    # The service starts as it did before. It is not stopped: somebody else may use it by now.
    $was = "$env:ProgramData\meshctl\state\ikeext.start"
    if (Test-Path -LiteralPath $was) {
        & sc.exe config ikeext start= demand | Out-Null
        if ($LASTEXITCODE -ne 0) { throw 'sc' }
        Remove-Item -LiteralPath $was
    }
} catch {
    Write-Output "MESHCTL-FAILED=$($_.FullyQualifiedErrorId)"
    Write-Output 'MESHCTL-RC=20'
    exit 20
}
Write-Output 'MESHCTL-RC=0'
exit 0
