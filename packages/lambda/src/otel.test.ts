import { context, metrics, type Span, trace } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics"
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { createRedis, type Redis } from "./index.ts"
import { instrumentRedis } from "./otel.ts"

const spans = new InMemorySpanExporter()
const exported = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: exported, exportIntervalMillis: 3_600_000 })

let server: RedisServer
let redis: Redis
beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  server = await startRedis()
})
afterAll(async () => {
  trace.disable()
  metrics.disable()
  context.disable()
  await server.close()
})
beforeEach(async () => {
  spans.reset()
  redis = createRedis({ url: server.url, prewarm: false })
  await redis.ping()
})
afterEach(() => redis.close())

/** The spans ended since the last reset, once the batches of this turn have told. */
async function ended() {
  await new Promise((resolve) => setImmediate(resolve))
  return spans.getFinishedSpans()
}

describe("instrumentRedis", () => {
  it("makes one client span of each batch, under the span that is active", async () => {
    const stop = instrumentRedis(redis)
    const parent = trace.getTracer("test").startSpan("handler")

    await context.with(trace.setSpan(context.active(), parent), async () => {
      await redis.get("a")
      await Promise.all([redis.set("a", "1"), redis.get("a")])
    })
    stop()

    expect(
      (await ended()).map(({ name, kind, attributes, parentSpanContext }) => ({
        name,
        kind,
        attributes,
        parent: parentSpanContext?.spanId,
      })),
    ).toEqual([
      {
        name: "GET",
        kind: 2,
        attributes: { "db.system.name": "redis", "db.operation.name": "GET" },
        parent: idOf(parent),
      },
      {
        name: "BATCH",
        kind: 2,
        attributes: { "db.system.name": "redis", "db.operation.name": "BATCH", "db.operation.batch.size": 2 },
        parent: idOf(parent),
      },
    ])
  })

  it("names the kind of a failure, and no key or value", async () => {
    const stop = instrumentRedis(redis)
    await redis.set("planted-key", "planted-value")

    await expect(redis.lpush("planted-key", "planted-value")).rejects.toThrow("WRONGTYPE")
    stop()

    const failed = (await ended()).at(-1)
    expect(failed).toMatchObject({ status: { code: 2 }, attributes: { "error.type": "WRONGTYPE" } })
    expect(
      JSON.stringify(
        (await ended()).map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
      ),
    ).not.toContain("planted")
  })

  it("measures operations and the pool", async () => {
    const stop = instrumentRedis(redis)

    await redis.use((lease) => lease.ping())
    await redis.get("a")
    await reader.forceFlush()
    stop()

    const names = exported
      .getMetrics()
      .flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)),
      )
    expect(names).toEqual(
      expect.arrayContaining([
        "db.client.operation.duration",
        "db.client.connection.create_time",
        "db.client.connection.wait_time",
        "db.client.connection.count",
        "db.client.connection.pending_requests",
      ]),
    )
  })

  it("reports nothing once it was ended", async () => {
    const stop = instrumentRedis(redis)
    stop()

    await redis.get("a")

    expect(await ended()).toEqual([])
  })
})

function idOf(span: Span): string {
  return span.spanContext().spanId
}
