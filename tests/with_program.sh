# Read by the test scripts that drive the program, from the root of the checkout: finds it, makes a
# work folder that goes with the script, and reads its JSON.
hone=${HONE:-$PWD/build/host/bin/hone}
[ -x "$hone" ] || { echo "no program at $hone: build the preset host first"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The number or the text of KEY in the JSON object on stdin.
number() { sed -n 's/.*"'"$1"'": *\([-0-9.e]*\).*/\1/p' | head -n 1; }
text() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' | head -n 1; }
# accuracy_of CHECKPOINT DATA [OPTION]...
accuracy_of() {
  checkpoint=$1 set=$2
  shift 2
  "$hone" eval "$checkpoint" --data "$set" --json --quiet "$@" | number accuracy
}
