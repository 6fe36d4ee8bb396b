# The table of compare.sh. Input: NAME ROUND key=value...

{
  delete value
  for (i = 3; i <= NF; ++i) {
    at = index($i, "=")
    value[substr($i, 1, at - 1)] = substr($i, at + 1)
  }
  work = value["work"]
  name = $1
  if (!(work in count_of_names)) works[++n_works] = work
  if (!((work, name) in peer)) names[work, ++count_of_names[work]] = name
  peer[work, name] = value["peer"]
  port[work, name] = value["port"]
  train[work, name, $2] = value["train_sps"]
  infer[work, name, $2] = value["infer1_sps"]
  accuracy[work, name] = value["acc"]
  size[work, name] = value["train"] " x " value["epochs"]
  net[work, name] = value["rss_net_kb"]
  arena[work, name] = "arena_bytes" in value ? value["arena_bytes"] : "-"
  if ($2 > rounds) rounds = $2
}

function sort(v, n,   i, j, t) {
  for (i = 2; i <= n; ++i)
    for (j = i; j > 1 && v[j - 1] > v[j]; --j) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
}
function median(v, n) {
  if (n == 0) return 0
  sort(v, n)
  return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
# The rates of a program into `list`; returns how many.
function rates(table, work, name,   r, n) {
  n = 0
  for (r = 1; r <= rounds; ++r) if ((work, name, r) in table) list[++n] = table[work, name, r] + 0
  return n
}
# True for the programs that ratios may be made with.
function is_rival(work, name) {
  if (name ~ /^hone/) return 0
  if (best == "") return 1
  return index("," best ",", "," peer[work, name] ",") || index("," best ",", "," name ",")
}
function fastest(table, work,   i, name, rate, top, found) {
  for (i = 1; i <= count_of_names[work]; ++i) {
    name = names[work, i]
    if (!is_rival(work, name)) continue
    rate = median(list, rates(table, work, name))
    if (rate > top) { top = rate; found = name }
  }
  return found
}
# The median of the ratios of the same rounds.
function ratio(table, work, name, rival,   r, n, ratios) {
  if (rival == "") return "-"
  for (r = 1; r <= rounds; ++r)
    if ((work, name, r) in table && (work, rival, r) in table)
      ratios[++n] = table[work, name, r] / table[work, rival, r]
  return n ? sprintf("%.2f", median(ratios, n)) : "-"
}
# Two programs may call themselves the same.
function label(work, name,   i) {
  if (name ~ /^hone/) return name " (" port[work, name] ")"
  for (i = 1; i <= count_of_names[work]; ++i)
    if (names[work, i] != name && peer[work, names[work, i]] == peer[work, name])
      return peer[work, name] " (" name ")"
  return peer[work, name]
}

END {
  print "| work | program | train samples/s | min..max | x best | infer b1 samples/s | x best |" \
        " accuracy | samples x epochs | arena bytes | net RSS KB |"
  print "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
  for (w = 1; w <= n_works; ++w) {
    work = works[w]
    rival = fastest(train, work)
    infer_rival = fastest(infer, work)
    for (k = 1; k <= count_of_names[work]; ++k) {
      name = names[work, k]
      middle = median(list, n = rates(train, work, name))
      least = list[1]
      most = list[n]
      printf "| %s | %s | %d | %d..%d | %s | %d | %s | %.4f | %s | %s | %d |\n", work,
             label(work, name), middle, least, most, ratio(train, work, name, rival),
             median(list, rates(infer, work, name)), ratio(infer, work, name, infer_rival),
             accuracy[work, name], size[work, name], arena[work, name], net[work, name]
    }
  }
}
