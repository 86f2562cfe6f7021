import type { Decode, Reply } from "@warmpool/core"
import type { RawCommand, RawLane } from "@warmpool/core/lane"
import { packError, packReply, type WireAnswer, type WireBatch, type WireReply } from "../service/wire.ts"
import { fitIntoCall } from "./call-size.ts"
import { checkBatch, isTransaction } from "./check-batch.ts"
import { shareOf } from "./patience.ts"

/** Sends what one call carried, and gives what became of it. Never rejects. */
export async function answer(lane: RawLane, batch: WireBatch): Promise<WireAnswer> {
  try {
    checkBatch(batch)
    const timeoutMs = shareOf(batch.patienceMs)
    const parts = runsOf(batch.sent)
    const fitted = fitIntoCall(parts.reduce((count, { commands }) => count + commands.length, 0))
    const pack = (outcome: Reply | Error): WireReply => fitted(packReply(outcome))
    // All are handed over before the first is waited for: they leave together, in order.
    const runs = parts.map(async ({ decode, commands, isAtomic }): Promise<readonly WireReply[]> => {
      if (!isAtomic) return (await lane.send(commands, { decode, timeoutMs })).map(pack)
      const outcomes = await lane.transact(commands, { decode, timeoutMs }).catch(packError)
      return [Array.isArray(outcomes) ? outcomes.map(pack) : outcomes]
    })
    return (await Promise.all(runs)).flat(1)
  } catch (error) {
    return packError(error)
  }
}

interface Run {
  readonly decode: Decode
  readonly commands: RawCommand[]
  /** Whether it is a transaction. */
  readonly isAtomic: boolean
}

/** Transactions, and commands in a row whose replies are wanted in the same way. */
function runsOf(batch: WireBatch["sent"]): readonly Run[] {
  const runs: Run[] = []
  for (const [decode, sent] of batch) {
    if (isTransaction(sent)) {
      runs.push({ decode, commands: [...sent], isAtomic: true })
      continue
    }
    const last = runs.at(-1)
    if (last?.decode === decode && !last.isAtomic) last.commands.push(sent)
    else runs.push({ decode, commands: [sent], isAtomic: false })
  }
  return runs
}
