import type { Decode, Reply } from "@warmpool/core"
import type { RawCommand, RawLane } from "@warmpool/core/lane"
import { packError, packReply, type WireAnswer, type WireBatch } from "../service/wire.ts"
import { withinOneCall } from "./call-size.ts"
import { checkBatch } from "./check-batch.ts"

/** Sends what one call carried, and gives what became of it. Never rejects. */
export async function answer(lane: RawLane, batch: WireBatch): Promise<WireAnswer> {
  try {
    checkBatch(batch)
    const { commands, decode, atomic, timeoutMs } = batch
    if (atomic) {
      const outcomes = await lane.transact(commands, { decode: oneDecode(decode), timeoutMs })
      return outcomes === null ? null : withinOneCall(outcomes.map(packReply))
    }
    const outcomes: (Reply | Error)[] = []
    // All are handed over before the first is waited for: they leave together, in order.
    for (const sent of runsOf(commands, decode).map((run) =>
      lane.send(run.commands, { decode: run.decode, timeoutMs }),
    )) {
      outcomes.push(...(await sent))
    }
    return withinOneCall(outcomes.map(packReply))
  } catch (error) {
    return packError(error)
  }
}

interface Run {
  readonly decode: Decode
  readonly commands: RawCommand[]
}

/** Commands in a row whose replies are wanted in the same way. */
function runsOf(commands: readonly RawCommand[], decode: WireBatch["decode"]): readonly Run[] {
  if (typeof decode === "string") return [{ decode, commands: [...commands] }]
  const runs: Run[] = []
  commands.forEach((command, index) => {
    const wanted = decode[index] ?? "text"
    const last = runs.at(-1)
    if (last?.decode === wanted) last.commands.push(command)
    else runs.push({ decode: wanted, commands: [command] })
  })
  return runs
}

function oneDecode(decode: WireBatch["decode"]): Decode {
  return typeof decode === "string" ? decode : (decode[0] ?? "text")
}
