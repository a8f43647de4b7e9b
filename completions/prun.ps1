# SPDX-License-Identifier: MIT
# Completion of prun and task for PowerShell.  The program knows what to offer
# (prun __complete); this file asks it and hands the answer to PowerShell.

# Both names, and the aliases that lead to them.
$prunNames = @('prun', 'task') + @(Get-Alias |
    Where-Object { $_.Definition -match '(^|[\\/])(prun|task)(\.exe)?$' } |
    ForEach-Object { $_.Name }) | Select-Object -Unique

Register-ArgumentCompleter -Native -CommandName $prunNames -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # A word that was begun with a quote comes with it.
    $word = $wordToComplete
    if ($word -match '^(["''])(.*?)\1?$') { $word = $Matches[2] }

    # The words up to the cursor without their quotes; the last one is that
    # under the cursor, or empty.
    $words = @(foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.StartOffset -ge $cursorPosition) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
            $element -is [System.Management.Automation.Language.ExpandableStringExpressionAst]) {
            $element.Value
        } else {
            $element.Extent.Text
        }
    })
    if ($wordToComplete -eq '') {
        # versions before 7.3 leave out empty words
        $words += if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
    }
    $program = if ($env:TASK_EXE) { $env:TASK_EXE } else { $commandAst.GetCommandName() }
    $answer = @(& $program __complete @words 2>$null)
    if ($answer.Count -eq 0 -or $answer[-1] -notmatch '^:\d+$') { return }
    $does = [int]$answer[-1].Substring(1)
    $lines = @($answer | Select-Object -SkipLast 1)

    # What is inserted is one word.
    $quoted = {
        param($text)
        if ($text -match '[\s''"`$;,|&<>(){}@#]') { "'" + $text.Replace("'", "''") + "'" } else { $text }
    }

    # Files; what was typed of a flag and of folders stays in front.
    $path = $word -replace '^-[^=]*=', ''
    $kept = $word.Substring(0, $word.Length - $path.Length) + ($path -replace '[^\\/]*$', '')
    $files = {
        param($filter)
        Get-ChildItem -Path "$path*" -ErrorAction SilentlyContinue | Where-Object $filter | ForEach-Object {
            $kind = if ($_.PSIsContainer) { 'ProviderContainer' } else { 'ProviderItem' }
            [System.Management.Automation.CompletionResult]::new((& $quoted ($kept + $_.Name)), $_.Name, $kind, $_.FullName)
        }
    }
    if ($does -band 8) {
        return & $files { $_.PSIsContainer -or $_.Extension.TrimStart('.') -in $lines }
    }
    if ($does -band 16) {
        return & $files { $_.PSIsContainer }
    }

    $results = @(foreach ($line in $lines) {
        $value, $text = $line -split "`t", 2
        if (-not $value.StartsWith($word, [StringComparison]::OrdinalIgnoreCase)) { continue }
        # an empty text is an error there
        if (-not $text) { $text = $value }
        [System.Management.Automation.CompletionResult]::new((& $quoted $value), $value, 'ParameterValue', $text)
    })
    if ($results.Count -gt 0 -or ($does -band 4)) { return $results }
    & $files { $true }
}
