import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { compareWay } from "./compare.ts"
import { usePair } from "./pair.ts"
import { ordinary } from "./tables/index.ts"
import { ways } from "./ways.ts"

describe.each(allTransports)("commands over $name", (transport) => {
  const pair = usePair(transport)

  describe.each(ways)("$name", (way) => {
    it.each(ordinary)("answers as ioredis does: $title", async (script) => {
      const { ours, theirs } = await compareWay(pair, script, way)

      expect(ours).toEqual(theirs)
    })
  })
})
