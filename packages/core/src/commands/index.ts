export { isBlocking } from "./blocking.ts"
export { keyPatternPositions, keyPositions } from "./keys.ts"
export { isRead, isStateful, isUnsendable } from "./subcommands.ts"
export { BLOCKING, BY_SUBCOMMAND, CHANNELS, type CommandSpec, MOVABLE_KEYS, specOf } from "./table.ts"
