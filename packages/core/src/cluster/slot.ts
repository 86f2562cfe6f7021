import { keyPositions } from "../commands/keys.ts"
import { BY_SUBCOMMAND, type CommandSpec, MOVABLE_KEYS, specOf } from "../commands/table.ts"
import type { Arg } from "../transport.ts"

/** How many slots the keys of a cluster are spread over. */
export const SLOTS = 16_384

const encoder = new TextEncoder()
let table: Uint16Array | undefined

/**
 * The slot of a key: CRC16 of what stands between its first `{` and the next `}`, if anything does, else of all of it.
 * Source: redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec, "Hash tags"
 */
export function slotOf(key: Arg): number {
  const bytes = typeof key === "string" ? encoder.encode(key) : key
  const open = bytes.indexOf(0x7b)
  const close = open < 0 ? -1 : bytes.indexOf(0x7d, open + 1)
  return close > open + 1 ? crc16(bytes, open + 1, close) : crc16(bytes, 0, bytes.length)
}

/** The slot of a command's first key; undefined where it has none. Keys of other slots are the server's to refuse. */
export function slotOfCommand(spec: CommandSpec, args: readonly Arg[]): number | undefined {
  const isPlain = (spec.flags & (MOVABLE_KEYS | BY_SUBCOMMAND)) === 0
  const first = isPlain ? spec.firstKey : keyPositions(spec, args)[0]
  const key = first ? args[first] : undefined
  return key === undefined ? undefined : slotOf(key)
}

/** The slots of all keys of commands that run together. */
export function slotsOf(commands: readonly (readonly Arg[])[]): ReadonlySet<number> {
  const slots = new Set<number>()
  for (const args of commands) {
    for (const position of keyPositions(specOf(String(args[0])), args))
      slots.add(slotOf(args[position] ?? ""))
  }
  return slots
}

/** CRC16/XMODEM: polynomial 0x1021, nothing reflected; its lower 14 bits. */
function crc16(bytes: Uint8Array, start: number, end: number): number {
  table ??= makeTable()
  let crc = 0
  for (let i = start; i < end; i += 1) {
    crc = ((crc << 8) & 0xffff) ^ (table[((crc >> 8) ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  }
  return crc % SLOTS
}

function makeTable(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    return crc
  })
}
