import { ReplyError } from "../errors.ts"
import { describeTransport } from "./describe-transport.ts"
import { FakeHost } from "./fake-host.ts"
import { FakeTransport } from "./fake-transport.ts"
import { RequestReceipt } from "./receipt.ts"
import type { Faults } from "./rig.ts"

const REFUSAL = new ReplyError("WRONGPASS invalid username-password pair or user is disabled.")

describeTransport("FakeTransport", async () => {
  const host = new FakeHost()
  const transport = new FakeTransport({ host })
  const secret = "planted-wrong-password"
  const guarded = new FakeTransport({ host })
  guarded.refuseHandshake(REFUSAL)
  const control = await new FakeTransport({ host, server: transport.server }).connect({
    signal: new AbortController().signal,
  })
  return {
    faults: faultsOf(transport, guarded),
    rawIsExact: true,
    open: () => transport,
    openRefused: () => ({ transport: guarded, secret }),
    command: (...args) => {
      const request = new RequestReceipt(args)
      control.send([request])
      return request.reply()
    },
    now: () => {
      host.setNow(Date.now())
      return host.now()
    },
    close: () => control.close(),
  }
})

function faultsOf(transport: FakeTransport, guarded: FakeTransport): Faults {
  const cut = async () => {
    for (const each of [transport, guarded]) each.cut()
    await transport.host.settle()
  }
  const resume = () => {
    guarded.refuseHandshake(REFUSAL)
    transport.accept()
    transport.drainBacklog()
  }
  return {
    counts: {
      get open() {
        return transport.open.length + transport.connecting + guarded.connecting
      },
    },
    cut,
    reset: cut,
    silence: () => transport.silence(),
    stall: () => {
      for (const each of [transport, guarded]) each.hang()
      transport.stopReading()
    },
    resume,
    dropReply: ({ nth, and }) => transport.loseReplyOf(nth, and),
    cutReply: ({ nth, afterBytes }) => transport.cutMidReply(nth, afterBytes),
    refuse: () => transport.refuse(),
    heal: async () => resume(),
  }
}
