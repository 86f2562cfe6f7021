import type { Script } from "../script.ts"
import { blocking } from "./blocking.ts"
import { connectionBound } from "./connection-bound.ts"
import { geo } from "./geo.ts"
import { hashes } from "./hashes.ts"
import { keys } from "./keys.ts"
import { lists } from "./lists.ts"
import { newer } from "./newer.ts"
import { scripting } from "./scripting.ts"
import { server } from "./server.ts"
import { sets } from "./sets.ts"
import { sortedSets } from "./sorted-sets.ts"
import { streams } from "./streams.ts"
import { strings } from "./strings.ts"

/** Scripts of commands that any lane carries. */
export const ordinary: readonly Script[] = [
  ...strings,
  ...keys,
  ...hashes,
  ...lists,
  ...sets,
  ...sortedSets,
  ...geo,
  ...streams,
  ...scripting,
  ...server,
  ...newer,
]

/** Scripts of commands that wait, or that change their connection. */
export const special: readonly Script[] = [...blocking, ...connectionBound]
