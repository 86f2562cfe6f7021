import { inspect } from "node:util"
import { ReplyError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { nextEvent, useRig } from "./rig.ts"

const RIGHT = "right-password"
const WRONG = "planted-wrong-password"

/** What the URL says, and how the server answers. */
const REFUSED = [
  ["a database that does not exist", "redis://host/99", "ERR DB index is out of range"],
  ["a wrong password of a known user", `redis://app:${WRONG}@host`, "WRONGPASS"],
  ["an unknown user", `redis://planted-user:${WRONG}@host`, "WRONGPASS"],
  ["a password that nobody asked for", `redis://:${WRONG}@host`, "ERR AUTH <password> called without any"],
  ["a database that does not exist, as a known user", `redis://app:${RIGHT}@host/99`, "ERR DB index"],
  ["a wrong password, and a database", `redis://app:${WRONG}@host/1`, "WRONGPASS"],
  ["a user who may not select", `redis://meek:${RIGHT}@host/1`, "NOPERM"],
] as const

describe.each(transports)("a refused login over $name", (transport) => {
  const rig = useRig(transport)
  const addUsers = async () => {
    await rig.server.command("ACL", "SETUSER", "app", "on", `>${RIGHT}`, "~*", "&*", "+@all")
    await rig.server.command("ACL", "SETUSER", "meek", "on", `>${RIGHT}`, "~*", "+@all", "-select")
  }

  it.each(REFUSED)("lets nothing of the first tick through: %s", async (_what, url, words) => {
    await addUsers()
    await rig.forgetCalls()
    const redis = rig.client({ url: rig.proxy.url(url) })

    const outcomes = await Promise.allSettled([
      redis.set("k", "v"),
      redis.get("k"),
      redis.multi().set("k", "v").exec(),
      redis.eval("return redis.call('set', KEYS[1], 'v')", 1, "k"),
      redis.flushall(),
      redis.blpop("k", 0.1),
    ])
    const [piped] = await redis.pipeline().set("k", "v").exec()

    const errors = [piped?.[0], ...outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason)]
    for (const error of errors) {
      expect(error).toBeInstanceOf(ReplyError)
      expect(error).toMatchObject({ message: expect.stringContaining(words), fate: "unsent" })
      expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/planted|right-password/)
    }
    expect(await rig.server.command("INFO", "keyspace")).not.toContain("db")
    for (const command of ["set", "get", "eval", "exec", "flushall"]) expect(await rig.calls(command)).toBe(0)
  })

  it("is not asked for again and again by waiting commands", async () => {
    await addUsers()
    const redis = rig.client({ url: rig.proxy.url(`redis://app:${WRONG}@host`) })
    const { connections } = rig.proxy.counts

    await Promise.allSettled(Array.from({ length: 100 }, (_, n) => redis.set(`k${n}`, "v")))

    expect(rig.proxy.counts.connections).toBe(connections + 1)
  })

  it("is tried again by the next command, so that a mended password works without a new client", async () => {
    await rig.server.command("ACL", "SETUSER", "late", "on", "~*", "+@all")
    const redis = rig.client({ url: rig.proxy.url(`redis://late:${RIGHT}@host`) })
    expect(await failure(redis.set("k", "v"))).toBeInstanceOf(ReplyError)

    await rig.server.command("ACL", "SETUSER", "late", `>${RIGHT}`)

    expect(await redis.set("k", "v")).toBe("OK")
  })

  it("speaks as the user and to the database of the URL on every connection", async () => {
    await addUsers()
    const redis = rig.client({ url: rig.proxy.url(`redis://app:${RIGHT}@host/3`) })
    await redis.set("k", "v")
    const closed = nextEvent(redis, "close")
    await rig.proxy.reset()
    await closed

    expect(await redis.append("k", "w")).toBe(2)

    expect(await redis.use((lease) => lease.get("k"))).toBe("vw")
    expect(await redis.call("ACL", "WHOAMI")).toBe("app")
    expect(await rig.server.command("INFO", "keyspace")).toMatch(/db3:keys=1,/)
    expect(await rig.server.command("DBSIZE")).toBe(0)
  })
})
