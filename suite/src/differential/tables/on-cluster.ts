import { lineOf } from "../lacking.ts"
import { readTable, type Script, type Step } from "../script.ts"

/** Lines that are others on a cluster, and why; `""` for none. */
export const instead: ReadonlyMap<string, readonly [line: string, why: string]> = new Map([
  ["cluster delslots 1", ["cluster delslots nan", "nobody would serve the slot any more"]],
  ["cluster delslotsrange 1 2", ["cluster delslotsrange 2 1", "nobody would serve the slots any more"]],
  ["cluster flushslots", ["cluster flushslots now", "nobody would serve the slots any more"]],
  ["cluster reset", ["cluster reset nosuch", "the node would leave the cluster"]],
  ["cluster meet 127.0.0.1 1", ["cluster meet 127.0.0.1 nan", "the node would go on looking for it"]],
  ["cluster bumpepoch", ["cluster bumpepoch x", "the second client would find it bumped"]],
  ["spublish c hello", ["spublish {06S}c hello", "no key prefix applies, but the channel decides the node"]],
  ["role", ["~ role", "a replica has come farther when the second client asks"]],
  ["cluster info", ["~ cluster info", "the nodes have sent each other more meanwhile"]],
  ["cluster nodes", ["~ cluster nodes", "the nodes have heard from each other meanwhile"]],
  ["cluster shards", ["~ cluster shards", "a replica has come farther when the second client asks"]],
  ["cluster links", ["~ cluster links", "its buffers come and go"]],
  ["wait 0 10", ["~ wait 0 10", "the replica may or may not have answered"]],
  ["wait 1 10", ["~ wait 1 10", "the replica may or may not have answered"]],
])

/** A script as it is run on a cluster. */
export function onCluster(script: Script): Script {
  return { ...script, steps: script.steps.map(placed) }
}

function placed(step: Step): Step {
  const [line] = instead.get(lineOf(step)) ?? []
  const read = line === undefined ? undefined : readTable(`#\n${line}`)[0]?.steps[0]
  return read ?? step
}

/** Lines that a node of a cluster answers otherwise than a server of its own, how, and why. */
export interface Otherwise {
  /** Of which script. */
  readonly title: RegExp
  readonly lines: RegExp
  /** What the node says. */
  readonly reply: RegExp
  readonly why: string
}

export const otherwise: readonly Otherwise[] = [
  {
    title: /^RENAME, RENAMENX, COPY, MOVE$/,
    lines: /^(move|copy c f db 1)/,
    reply: /(MOVE|another database) is not allowed in cluster mode/,
    why: "a cluster has one database",
  },
  {
    title: /^SWAPDB/,
    lines: /^swapdb/,
    reply: /SWAPDB is not allowed in cluster mode/,
    why: "a cluster has one database",
  },
  { title: /^SWAPDB/, lines: /^get k$/, reply: /"v"/, why: "nothing was swapped" },
  {
    title: /^SORT$/,
    lines: /^sort(_ro)? l (by|get) /,
    reply: /(BY|GET) option of SORT denied in cluster mode/i,
    why: "a pattern may name keys of any slot",
  },
  { title: /^SORT$/, lines: /^lrange out/, reply: /"1","2","3","10"/, why: "the second SORT stored nothing" },
  {
    title: /^INFO/,
    lines: /^(failover|failover abort|replicaof no one|slaveof no one)$/,
    reply: /(FAILOVER|REPLICAOF) not allowed in cluster mode/,
    why: "CLUSTER FAILOVER and CLUSTER REPLICATE do it",
  },
  { title: /^INFO/, lines: /^role$/, reply: /master/, why: "a master has a replica" },
  { title: /^CLUSTER/, lines: /^cluster /, reply: /./, why: "there is a cluster" },
]
