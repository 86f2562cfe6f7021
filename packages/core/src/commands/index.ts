export { isBlocking } from "./blocking.ts"
export { keyPatternPositions, keyPositions } from "./keys.ts"
export { makeMethods } from "./methods.ts"
export { isRead, isStateful, isUnsendable } from "./subcommands.ts"
export {
  BLOCKING,
  BY_SUBCOMMAND,
  CHANNELS,
  type CommandSpec,
  commandSpecs,
  MOVABLE_KEYS,
  specOf,
} from "./table.ts"
