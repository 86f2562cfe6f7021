import { isSoak } from "../rounds.ts"
import { bytesInTransaction, textOneByOne, type Way, ways } from "./ways.ts"

/**
 * The ways for a platform whose transport goes all of them in `commands.test.ts`: every command by itself as text, and
 * with others as bytes. Only the soak goes all of them again there.
 */
export const platformWays: readonly Way[] = isSoak() ? ways : [textOneByOne, bytesInTransaction]
