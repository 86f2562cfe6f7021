import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest"
import { describeBuffers } from "./contract-buffers.ts"
import { describeClosing } from "./contract-closing.ts"
import { describeConnecting } from "./contract-connecting.ts"
import { describeLoss } from "./contract-loss.ts"
import { describeMeters } from "./contract-meters.ts"
import { describeReplies } from "./contract-replies.ts"
import { describeSecrecy } from "./contract-secrecy.ts"
import { describeShapes } from "./contract-shapes.ts"
import { describeTransactions } from "./contract-transactions.ts"
import type { Rig } from "./rig.ts"
import { Trial } from "./trial.ts"

/**
 * What every transport must do, written once and run against all of them. Each package calls it in a test file of
 * its own with a rig (see `Rig`), which is started before the first test and closed after the last.
 */
export function describeTransport(name: string, startRig: () => Promise<Rig>): void {
  // A transport that never answers fails each test; they are many.
  describe(`${name} as a transport`, { timeout: 10_000 }, () => {
    const trial = new Trial()
    beforeAll(() => trial.start(startRig))
    beforeEach(() => trial.begin())
    afterEach(() => trial.finish())
    afterAll(() => trial.stop())

    describeConnecting(trial)
    describeReplies(trial)
    describeShapes(trial)
    describeTransactions(trial)
    describeLoss(trial)
    describeBuffers(trial)
    describeClosing(trial)
    describeMeters(trial)
    describeSecrecy(trial)
  })
}
