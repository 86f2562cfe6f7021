import type {
  Connection,
  Host,
  Lease,
  Pipeline,
  PortableRedis,
  Redis,
  Request,
  Transaction,
  Transport,
} from "@warmpool/core"
import * as core from "@warmpool/core"
import * as resp from "@warmpool/core/resp"
import * as testing from "@warmpool/core/testing"
import * as ioredis from "@warmpool/ioredis"
import * as lambda from "@warmpool/lambda"
import * as local from "@warmpool/local"
import * as socket from "@warmpool/socket"
import { describe, expect, expectTypeOf, it } from "vitest"

/** The names of design §6; one that goes or changes has an entry in the changelog. */
const NAMES = [
  ["@warmpool/core", core, ["createRedis", "fateOf"]],
  ["@warmpool/core/resp", resp, ["Parser", "RespConnection"]],
  ["@warmpool/core/testing", testing, ["FakeTransport", "describeTransport"]],
  ["@warmpool/socket", socket, ["socketTransport"]],
  ["@warmpool/ioredis", ioredis, ["ioredisTransport"]],
  ["@warmpool/lambda", lambda, ["createRedis", "withRedis"]],
  [
    "@warmpool/local",
    local,
    ["startRedis", "startCluster", "startSentinel", "startLambda", "startFaultProxy"],
  ],
] as const

const ERRORS = {
  ReplyError: "ERR_REPLY",
  ConnectionError: "ERR_CONNECTION",
  TimeoutError: "ERR_TIMEOUT",
  AcquireTimeoutError: "ERR_ACQUIRE_TIMEOUT",
  PoolClosedError: "ERR_POOL_CLOSED",
  UnsupportedCommandError: "ERR_UNSUPPORTED_COMMAND",
  ArgumentError: "ERR_ARGUMENT",
  ConfigError: "ERR_CONFIG",
} as const

const METHODS = [
  ...["call", "pipeline", "multi", "acquire", "use", "subscribe", "psubscribe", "ssubscribe"],
  ...["scanIterator", "hscanIterator", "sscanIterator", "zscanIterator", "defineScript", "with", "settled"],
  ...["prewarm", "stats", "on", "drain", "close", Symbol.asyncDispose],
]

describe("the public names", () => {
  it.each(NAMES)("of %s are there", (_entry, exported, names) => {
    const missing = names.filter((name) => typeof Reflect.get(exported, name) !== "function")

    expect(missing).toEqual([])
  })

  it.each([core, lambda])(
    "of the errors come from core and from each platform, codes unchanged",
    (exported) => {
      const errors = Object.entries(ERRORS).map(([name, code]) => {
        const error = new exported[name as keyof typeof ERRORS]("words")
        return [error.name === name && error instanceof core.WarmpoolError, error.code === code]
      })
      const unknown = new exported.OutcomeUnknownError("INCR")

      expect(errors).toEqual(errors.map(() => [true, true]))
      expect(unknown).toMatchObject({
        name: "OutcomeUnknownError",
        code: "ERR_OUTCOME_UNKNOWN",
        fate: "unknown",
      })
    },
  )

  it("of a client are methods", async () => {
    await using redis = core.createRedis({ transport: new testing.FakeTransport() })

    expect(METHODS.filter((name) => typeof Reflect.get(redis, name) !== "function")).toEqual([])
  })

  it("of the seams are types, and what a client can do everywhere is part of what it can", () => {
    expectTypeOf<Redis>().toExtend<PortableRedis>()
    expectTypeOf<PortableRedis>().not.toExtend<Redis>()
    expectTypeOf<Awaited<ReturnType<Redis["acquire"]>>>().toEqualTypeOf<Lease>()
    expectTypeOf<ReturnType<Redis["pipeline"]>>().toEqualTypeOf<Pipeline>()
    expectTypeOf<Awaited<ReturnType<Transport["connect"]>>>().toEqualTypeOf<Connection>()
    expectTypeOf<Parameters<Connection["send"]>[0]>().toEqualTypeOf<readonly (Request | Transaction)[]>()
    expectTypeOf<ReturnType<Host["now"]>>().toBeNumber()
  })
})
