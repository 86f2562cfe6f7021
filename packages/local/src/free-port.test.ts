import { expect, it } from "vitest"
import { findFreePort } from "./free-port.ts"

it("never gives a port twice, nor one that an outgoing connection could take", async () => {
  const ports: number[] = []
  for (let found = 0; found < 500; found++) ports.push(await findFreePort())

  expect(new Set(ports).size).toBe(500)
  expect(Math.max(...ports)).toBeLessThan(32_768)
})
