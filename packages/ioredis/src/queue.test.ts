import { expect, it } from "vitest"
import { Queue } from "./queue.ts"

it("gives the items in the order they came", () => {
  const queue = new Queue<number>()
  const seen: unknown[] = [queue.head]

  for (let n = 0; n < 5_000; n++) queue.push(n)
  for (; queue.length > 0; queue.shift()) seen.push(queue.head)

  expect(seen).toEqual([undefined, ...Array.from({ length: 5_000 }, (_, n) => n)])
})

it("keeps the order when items come and go at once", () => {
  const queue = new Queue<number>()
  let next = 0
  let expected = 0

  for (let round = 0; round < 4_000; round++) {
    queue.push(next++)
    queue.push(next++)
    expect(queue.head).toBe(expected++)
    queue.shift()
  }

  expect(queue.length).toBe(4_000)
  expect(queue.list()).toEqual(Array.from({ length: 4_000 }, (_, n) => 4_000 + n))
})

it("is empty and of use after it gave everything", () => {
  const queue = new Queue<string>()
  queue.push("a")
  queue.push("b")
  queue.shift()

  expect(queue.takeAll()).toEqual(["b"])
  expect(queue.length).toBe(0)

  queue.push("c")
  expect(queue.head).toBe("c")
})
