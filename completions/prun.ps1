# SPDX-License-Identifier: MIT
# Completion of prun and task for PowerShell.  The program knows what to offer
# (prun __complete); this file asks it and hands the answer to PowerShell.

$prunNames = @('prun', 'task') + @(Get-Alias -Definition prun, task -ErrorAction SilentlyContinue | ForEach-Object Name)

Register-ArgumentCompleter -Native -CommandName $prunNames -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition })
    $program = if ($env:TASK_EXE) { $env:TASK_EXE } else { $elements[0].Extent.Text }
    $words = @($elements | Select-Object -Skip 1 | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    if ($wordToComplete -eq '') {
        # versions before 7.3 leave out empty words
        $words += if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
    }
    $answer = @(& $program __complete @words 2>$null)
    if ($answer.Count -eq 0 -or $answer[-1] -notmatch '^:\d+$') { return }
    $does = [int]$answer[-1].Substring(1)
    $lines = @($answer | Select-Object -SkipLast 1)

    $flag = ''
    $path = $wordToComplete
    if ($wordToComplete -match '^(-[^=]*=)(.*)$') { $flag = $Matches[1]; $path = $Matches[2] }
    $found = {
        param($filter)
        Get-ChildItem -Path "$path*" -ErrorAction SilentlyContinue | Where-Object $filter | ForEach-Object {
            $name = Join-Path (Split-Path $path) $_.Name
            [System.Management.Automation.CompletionResult]::new($flag + $name, $_.Name, 'ProviderItem', $_.FullName)
        }
    }
    if ($does -band 8) { return & $found { $_.PSIsContainer -or $_.Extension.TrimStart('.') -in $lines } }
    if ($does -band 16) { return & $found { $_.PSIsContainer } }

    $results = @(foreach ($line in $lines) {
        $value, $text = $line -split "`t", 2
        if (-not $value.StartsWith($wordToComplete)) { continue }
        $typed = if ($value -match '[\s''"`$;|&(){}]') { "'" + $value.Replace("'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($typed, $value, 'ParameterValue', $(if ($text) { $text } else { $value }))
    })
    if ($results.Count -gt 0 -or ($does -band 4)) { return $results }
    & $found { $true }
}
