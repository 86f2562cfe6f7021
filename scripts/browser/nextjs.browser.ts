import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, expect, it } from "vitest"
import { copyNextApp, type NextApp, type NextServer } from "../../suite/src/vercel/next-app.ts"
import { type Chromium, startChromium } from "./chromium.ts"

const numberIn = (id: string) => `Number(document.getElementById("${id}").textContent)`

/** Resolves in the page when the element's number is another than the one it has now. */
const changed = (id: string) => `new Promise((resolve) => {
  const element = document.getElementById("${id}")
  const before = element.textContent
  const look = () => element.textContent === before ? undefined : resolve(Number(element.textContent))
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
})`

let app: NextApp
let server: RedisServer
let next: NextServer
let chromium: Chromium

beforeAll(async () => {
  app = copyNextApp()
  await app.build()
  server = await startRedis()
  next = await app.serve("start", { REDIS_URL: server.url })
  chromium = await startChromium()
})

afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]()
  await next?.[Symbol.asyncDispose]()
  await server?.close()
  app?.[Symbol.dispose]()
})

it("shows the counter, and a higher one after each reload", async () => {
  const tab = await chromium.open(next.url)

  const seen = [await tab.evaluate(numberIn("visits"))]
  for (let round = 0; round < 3; round++) {
    await tab.reload()
    seen.push(await tab.evaluate(numberIn("visits")))
  }

  const first = Number(seen[0])
  expect(seen).toEqual([first, first + 1, first + 2, first + 3])
  expect(await server.command("GET", "visits")).toBe(String(first + 3))
  expect(tab.errors).toEqual([])
})

it("runs the server action when the button is pressed, and shows what it did without a reload", async () => {
  const tab = await chromium.open(next.url)
  const before = Number(await tab.evaluate(numberIn("likes")))

  await tab.evaluate("window.stayed = true")
  const after = await tab.evaluate(
    `(() => { const liked = ${changed("likes")}; document.querySelector("button").click(); return liked })()`,
  )

  expect(after).toBe(before + 1)
  expect(await tab.evaluate("window.stayed")).toBe(true)
  expect(await server.command("GET", "likes")).toBe(String(after))
  expect(tab.errors).toEqual([])
})

it("serves all of it over one connection", async () => {
  expect(await server.clients()).toHaveLength(1)
})
