# bash completion for ha; made by: ha completion bash
_ha() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags= words= verb= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -*) ;;
      *) verb=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $before in
    --node|--to|--impersonate|-n) verb=NODE ;;
    --service) verb=SVC ;;
    --conf|--state|--run) COMPREPLY=($(compgen -d -- "$word")); return ;;
  esac
  case $verb in
    NODE) words="$(ha completion nodes 2>/dev/null)" ;;
    SVC) words="$(ha completion services 2>/dev/null)" ;;
    '') words="check clear completion config confirm-dead daemon demo drain events explain fence freeze freeze-start freeze-stop hb help history init links metrics mon monitor relocate replay restart run schedule simulate st start status stop switch takeover thaw timeline undrain unfreeze version why" ;;
    status|st) flags="--conf --state --run --nodename --help --json --node --compact --check --all" words="$(ha completion services 2>/dev/null)" ;;
    monitor|mon) flags="--conf --state --run --nodename --help --node --all" words="" ;;
    hb|links) flags="--conf --state --run --nodename --help --json --node" words="" ;;
    explain|why) flags="--conf --state --run --nodename --help --json --node" words="$(ha completion services 2>/dev/null)" ;;
    events) flags="--conf --state --run --nodename --help --json --node --follow --limit --service" words="" ;;
    history) flags="--conf --state --run --nodename --help --json --node --limit" words="$(ha completion services 2>/dev/null)" ;;
    schedule) flags="--conf --state --run --nodename --help --json --node" words="$(ha completion services 2>/dev/null)" ;;
    metrics) flags="--conf --state --run --nodename --help --node" words="" ;;
    start) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --rid --tags --subset --upto" words="$(ha completion services 2>/dev/null)" ;;
    stop) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --why --rid --tags --subset --downto" words="$(ha completion services 2>/dev/null)" ;;
    restart) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run" words="$(ha completion services 2>/dev/null)" ;;
    switch|relocate) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --to" words="$(ha completion services 2>/dev/null)" ;;
    run) flags="--conf --state --run --nodename --help --node" words="$(ha completion services 2>/dev/null)" ;;
    takeover) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --yes" words="$(ha completion services 2>/dev/null)" ;;
    clear) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --confirm-stopped --yes" words="$(ha completion services 2>/dev/null)" ;;
    freeze) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --for --why --all --yes" words="$(ha completion services 2>/dev/null)" ;;
    unfreeze|thaw) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --all" words="$(ha completion services 2>/dev/null)" ;;
    freeze-stop) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --for --why" words="$(ha completion services 2>/dev/null)" ;;
    freeze-start) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --for --why" words="$(ha completion services 2>/dev/null)" ;;
    drain) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --for --why" words="$(ha completion nodes 2>/dev/null)" ;;
    undrain) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run" words="$(ha completion nodes 2>/dev/null)" ;;
    confirm-dead) flags="--conf --state --run --nodename --help --json --node --dry-run --i-have-checked" words="$(ha completion nodes 2>/dev/null)" ;;
    fence) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --dry-run --yes" words="$(ha completion nodes 2>/dev/null)" ;;
    daemon) flags="--conf --state --run --nodename --help --json --node --wait --no-wait --keep --yes --log-level" words="stop reload" ;;
    init) flags="--conf --state --run --nodename --help --nodes" words="" ;;
    check) flags="--conf --state --run --nodename --help --json --all" words="" ;;
    timeline) flags="--conf --state --run --nodename --help --json --all" words="$(ha completion services 2>/dev/null)" ;;
    config) flags="--conf --state --run --nodename --help --json --kw --eval --impersonate --dry-run" words="print get set unset edit validate $(ha completion services 2>/dev/null)" ;;
    demo) flags="--help --once --launcher" words="" ;;
    completion) flags="--help" words="bash zsh fish" ;;
    help) flags="--conf --state --run --nodename --help" words="check clear completion config confirm-dead daemon demo drain events explain fence freeze freeze-start freeze-stop hb help history init links metrics mon monitor relocate replay restart run schedule simulate st start status stop switch takeover thaw timeline undrain unfreeze version why" ;;
    simulate) flags="--conf --state --run --nodename --help --json --kill --power-off --pause --cut --disk-fail --arbiter-fail --stop-fail --start-fail --during --seeds --from --nodes --dense --save" words="" ;;
    replay) flags="--conf --state --run --nodename --help --json --all --limit --service" words="" ;;
    version) flags="--conf --state --run --nodename --help --json" words="" ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -F _ha ha
