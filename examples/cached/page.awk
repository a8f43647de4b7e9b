# SPDX-License-Identifier: MIT
# A page of text as HTML: the first line is its title, an empty line ends a
# paragraph, [name] is a link to another page.
function end_paragraph()
{
	if (open)
		print "</p>"
	open = 0
}
NR == 1 {
	print "<!doctype html>"
	printf "<title>%s</title>\n<h1>%s</h1>\n", $0, $0
	next
}
/^$/ {
	end_paragraph()
	next
}
{
	if (!open)
		print "<p>"
	open = 1
	while (match($0, /\[[a-z]+\]/)) {
		to = substr($0, RSTART + 1, RLENGTH - 2)
		$0 = substr($0, 1, RSTART - 1) "<a href=\"" to ".html\">" to "</a>" substr($0, RSTART + RLENGTH)
	}
	print
}
END {
	end_paragraph()
}
