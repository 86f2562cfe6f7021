import { ConfigError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { type Environment, findOverHttp, findServer } from "./environment.ts"

const tcp = { REDIS_URL: "redis://plain", KV_URL: "redis://kv" }
const rest = {
  UPSTASH_REDIS_REST_URL: "https://upstash",
  UPSTASH_REDIS_REST_TOKEN: "upstash-token",
  KV_REST_API_URL: "https://kv",
  KV_REST_API_TOKEN: "kv-token",
}

function without(environment: Environment, ...names: string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)))
}

function errorOf(environment: Environment, find: (environment: Environment) => unknown = findServer): string {
  try {
    find(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return String(error)
  }
  throw new Error("it found a server")
}

describe("findServer on Node", () => {
  const prefixed = {
    B_REDIS_URL: "redis://b",
    A_KV_URL: "redis://a",
    Z_KV_REST_API_URL: "https://z",
    Z_KV_REST_API_TOKEN: "z-token",
    Y_UPSTASH_REDIS_REST_URL: "https://y",
    Y_UPSTASH_REDIS_REST_TOKEN: "y-token",
  }

  it("takes one after the other in the documented order", () => {
    let environment: Environment = { ...prefixed, ...rest, ...tcp }
    const order: string[] = []
    for (let left = 8; left > 0; left -= 1) {
      const { name } = findServer(environment)
      order.push(name)
      environment = without(environment, name)
    }

    expect(order).toEqual([
      "REDIS_URL",
      "KV_URL",
      "A_KV_URL",
      "B_REDIS_URL",
      "UPSTASH_REDIS_REST_URL",
      "KV_REST_API_URL",
      "Y_UPSTASH_REDIS_REST_URL",
      "Z_KV_REST_API_URL",
    ])
  })

  it("gives the URL, and over HTTP the token beside it", () => {
    expect(findServer({ STORAGE_REDIS_URL: "redis://s" })).toEqual({
      by: "tcp",
      name: "STORAGE_REDIS_URL",
      url: "redis://s",
    })
    expect(findServer({ MYAPP_KV_REST_API_URL: "https://m", MYAPP_KV_REST_API_TOKEN: "t" })).toEqual({
      by: "http",
      name: "MYAPP_KV_REST_API_URL",
      url: "https://m",
      token: "t",
    })
  })

  it("takes an empty variable for one that is not set, and a URL without its token for none", () => {
    const environment = { ...rest, REDIS_URL: "", UPSTASH_REDIS_REST_TOKEN: "" }

    expect(findServer(environment).name).toBe("KV_REST_API_URL")
  })

  it("takes no name that only contains one of ours", () => {
    const environment = {
      MY_REDIS_URL_OLD: "redis://old",
      XREDIS_URL: "redis://x",
      KV_REST_API_READ_ONLY_TOKEN: "r",
    }

    expect(errorOf(environment)).toContain("there is no server")
  })

  it("says which names it looked for, and which half is missing, and no value", () => {
    const message = errorOf({ A_KV_REST_API_URL: "https://planted" })

    for (const name of ["REDIS_URL", "KV_URL", ...Object.keys(rest), "a prefix such as STORAGE_"]) {
      expect(message).toContain(name)
    }
    expect(message).toContain("A_KV_REST_API_URL is set, and A_KV_REST_API_TOKEN is not")
    expect(message).not.toContain("planted")
  })
})

describe("findServer at the edge", () => {
  it("takes HTTP alone", () => {
    expect(findOverHttp({ ...tcp, ...rest }).name).toBe("UPSTASH_REDIS_REST_URL")
  })

  it("says that a TCP variable needs a socket", () => {
    const message = errorOf({ KV_URL: "redis://:planted@host" }, findOverHttp)

    expect(message).toContain("REDIS_URL needs a socket, which the Edge runtime has not")
    expect(message).toContain("KV_REST_API_URL with KV_REST_API_TOKEN")
    expect(message).not.toContain("planted")
  })
})
