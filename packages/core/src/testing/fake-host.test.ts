import { beforeEach, describe, expect, it } from "vitest"
import { FakeHost } from "./fake-host.ts"

let host: FakeHost
let log: string[]
const note = (line: string) => () => void log.push(line)

beforeEach(() => {
  host = new FakeHost(1_000)
  log = []
})

describe("a fake clock", () => {
  it("stands still by itself", async () => {
    host.after(0, note("timer"))

    await host.settle()

    expect(host.now()).toBe(1_000)
    expect(log).toEqual([])
    expect(host.timers).toBe(1)
  })

  it("runs what falls due, in order of time, then of making, each at its own time", async () => {
    for (const ms of [20, 10, 10, 30]) host.after(ms, () => log.push(`${ms} at ${host.now()}`))

    await host.advance(25)

    expect(log).toEqual(["10 at 1010", "10 at 1010", "20 at 1020"])
    expect(host.now()).toBe(1_025)
  })

  it("runs what a timer sets for the same stretch", async () => {
    host.after(10, () => host.after(10, note("second")))

    await host.advance(20)

    expect(log).toEqual(["second"])
  })

  it("lets promises settle between one timer and the next", async () => {
    host.after(10, () => void host.turn().then(host.turn).then(note("settled")))
    host.after(11, note("next timer"))

    await host.advance(20)

    expect(log).toEqual(["settled", "next timer"])
  })

  it("forgets a timer that was called off", async () => {
    host.after(10, note("timer")).cancel()

    await host.advance(10)

    expect(log).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("may be set back", () => {
    host.setNow(500)

    expect(host.now()).toBe(500)
  })
})

describe("a fake loop", () => {
  it("runs ticks and turns in the order they were asked for, after the current code and its promises", async () => {
    host.tick(note("tick"))
    void host.turn().then(note("turn"))
    host.tick(note("later tick"))
    void Promise.resolve().then(note("promise"))
    log.push("code")

    await host.settle()

    expect(log).toEqual(["code", "promise", "tick", "turn", "later tick"])
  })

  it("reads input before ticks, and what input adds a round later", async () => {
    host.tick(note("tick"))
    host.arrive(host.now(), () => {
      log.push("input")
      host.arrive(host.now(), note("next input"))
    })

    await host.settle()

    expect(log).toEqual(["input", "tick", "next input"])
  })

  it("lets input come at its time", async () => {
    host.arrive(1_010, note("input"))

    await host.advance(9)
    expect(log).toEqual([])

    await host.advance(1)
    expect(log).toEqual(["input"])
  })

  it("goes on by itself while somebody waits for a turn", async () => {
    await host.turn()
    await host.turn()

    expect(host.now()).toBe(1_000)
  })

  it("says so when it never comes to rest", async () => {
    let turning = true
    const turn = () => turning && host.tick(turn)
    host.tick(turn)

    await expect(host.settle(50)).rejects.toThrow("never comes to rest")
    turning = false
    await host.settle()
  })
})

describe("a freeze", () => {
  it("fires overdue timers first, in order, at the new time; then reads input; then turns", async () => {
    host.after(20, () => {
      log.push(`late timer at ${host.now()}`)
      void host.turn().then(note("turn"))
    })
    host.after(10, () => log.push(`timer at ${host.now()}`))
    host.arrive(1_005, note("input"))

    await host.freeze(2_000)

    expect(log).toEqual(["timer at 3000", "late timer at 3000", "input", "turn"])
  })

  it("stops at once: a tick asked for before it runs after it", async () => {
    host.tick(() => log.push(`tick at ${host.now()}`))

    await host.freeze(2_000)

    expect(log).toEqual(["tick at 3000"])
  })

  it("fires no timer that an overdue one called off before", async () => {
    const second = { cancel: () => {} }
    host.after(10, () => second.cancel())
    Object.assign(second, host.after(20, note("second")))

    await host.freeze(100)

    expect(log).toEqual([])
  })

  it("leaves what is not due yet", async () => {
    host.after(3_000, note("timer"))
    host.arrive(4_000, note("input"))

    await host.freeze(2_000)

    expect(log).toEqual([])
    await host.advance(1_000)
    expect(log).toEqual(["timer", "input"])
  })
})

describe("what else a fake host lends", () => {
  it("answers with the scope that is set", () => {
    expect(host.scope()).toBeUndefined()

    host.current = { endsAt: 5_000, track: () => undefined }

    expect(host.scope()).toBe(host.current)
  })

  it("keeps what is published, and says who listens", () => {
    host.subscribe("open")
    host.publish("open", { id: 1 })

    expect(host.subscribed("open")).toBe(true)
    expect(host.subscribed("close")).toBe(false)
    expect(host.published).toEqual([{ event: "open", detail: { id: 1 } }])
  })
})
