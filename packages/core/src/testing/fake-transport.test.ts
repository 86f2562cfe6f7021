import { ReplyError } from "../errors.ts"
import { describeTransport } from "./describe-transport.ts"
import { FakeHost } from "./fake-host.ts"
import { FakeTransport } from "./fake-transport.ts"
import { RequestReceipt } from "./receipt.ts"
import type { Faults } from "./rig.ts"

describeTransport("FakeTransport", async () => {
  const host = new FakeHost()
  const transport = new FakeTransport({ host })
  const secret = "planted-wrong-password"
  const guarded = new FakeTransport({ host })
  guarded.refuseHandshake(new ReplyError("WRONGPASS invalid username-password pair or user is disabled."))
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
  const resume = () => {
    transport.accept()
    transport.drainBacklog()
  }
  return {
    counts: {
      get open() {
        return transport.open.length + transport.connecting + guarded.connecting
      },
    },
    cut: async () => {
      transport.cut()
      await transport.host.settle()
    },
    reset: async () => {
      transport.cut()
      await transport.host.settle()
    },
    silence: () => transport.silence(),
    stall: () => {
      transport.hang()
      transport.stopReading()
    },
    resume,
    dropReply: ({ nth, and }) => transport.loseReplyOf(nth, and),
    cutReply: ({ nth, afterBytes }) => transport.cutMidReply(nth, afterBytes),
    refuse: () => transport.refuse(),
    heal: async () => resume(),
  }
}
