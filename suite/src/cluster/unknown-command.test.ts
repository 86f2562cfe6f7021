import { describe, expect, it } from "vitest"
import { useCluster } from "./rig.ts"

describe("a command that the client does not know", () => {
  const rig = useCluster({ args: ["--rename-command", "SUBSTR", "MYSUBSTR"] })

  it("is sent where the server says that its key is, alone and in a transaction, and holds up nobody", async () => {
    const redis = rig.client()
    for (const { key } of await rig.keysOf("unknown:")) {
      await redis.set(key, "hello")

      const replies = await Promise.all([
        redis.call("MYSUBSTR", key, 0, 2),
        redis.multi().call("MYSUBSTR", key, 0, 2).exec(),
        redis.pipeline().call("MYSUBSTR", key, 0, 2).exec(),
      ])

      expect(replies).toEqual(["hel", [[null, "hel"]], [[null, "hel"]]])
    }
  })
})
