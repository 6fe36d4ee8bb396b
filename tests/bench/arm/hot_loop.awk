# The hot loop of function NAME in gcc's assembly, between the marks that llvm-mca reads: of the
# loops with no loop and no way out inside the one with the most multiply-adds, or the longest if
# none has any.
function is_branch(line) { return line ~ /^\t(b\.?[a-z][a-z]|cbn?z|tbn?z)\t.*\.L[0-9]+$/ }
function branch_target(line) { sub(/.*\.L/, ".L", line); return line }
$0 == name ":" { inside = 1; next }
inside && $1 == ".size" { inside = 0 }
inside && /^\.L[0-9]+:/ { place[substr($1, 1, length($1) - 1)] = n; next }
inside && /^\t[a-z]/ { code[n++] = $0 }
END {
  best = -1
  start = -1
  for (i = 0; i < n; ++i) {
    if (!is_branch(code[i]) || !(branch_target(code[i]) in place)) continue
    from = place[branch_target(code[i])]
    # What closes after a loop and begins before it lies around it.
    if (from > i || from <= start) continue
    start = from
    terms = 0
    for (k = from; k <= i; ++k) {
      if (code[k] ~ /^\t(b|ret|br)(\t|$)/) break
      terms += code[k] ~ /\tfmla\t/
    }
    score = terms * 100000 + i - from
    if (k > i && score > best) { best = score; first = from; last = i }
  }
  if (best < 0) exit 1
  print "# LLVM-MCA-BEGIN " name
  for (k = first; k <= last; ++k) print code[k]
  print "# LLVM-MCA-END"
}
