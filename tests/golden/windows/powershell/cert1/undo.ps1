# Takes back what apply.ps1 of meshctl did on host cert1. Run it in an elevated PowerShell; running it again does no harm.
# Only objects of the group below are removed. Exemptions go back to what Windows comes with.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2
$group = 'meshctl-lab'
try {
    foreach ($noun in 'NetIPsecRule', 'NetIPsecMainModeRule', 'NetIPsecPhase1AuthSet', 'NetIPsecQuickModeCryptoSet', 'NetIPsecMainModeCryptoSet') {
        $ours = @(& "Get-$noun" -PolicyStore PersistentStore -ErrorAction SilentlyContinue | Where-Object { $_.Group -eq $group })
        foreach ($object in $ours) {
            & "Remove-$noun" -PolicyStore PersistentStore -Name $object.Name
        }
    }
    $values = @{
        Exemptions = 'NeighborDiscovery', 'Dhcp'
    }
    Set-NetFirewallSetting @values
} catch {
    Write-Output "MESHCTL-FAILED=$($_.FullyQualifiedErrorId)"
    Write-Output 'MESHCTL-RC=20'
    exit 20
}
Write-Output 'MESHCTL-RC=0'
exit 0
