import { type Attributes, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import { ConfigError, type EventDetails, type Redis } from "@warmpool/core"

const NAME = "@warmpool/lambda"
const SYSTEM = { "db.system.name": "redis" } as const
/** Bounds in seconds that the conventions recommend for durations of database calls. */
const BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/**
 * Reports a client to OpenTelemetry: a span and a duration for each batch, and the pool's own metrics, through whatever
 * providers the application has registered. Keys and values are never recorded.
 * Source: OpenTelemetry semantic conventions for database clients, and for Redis.
 *
 * @returns what ends the reporting.
 * @throws ConfigError if `redis` is not a client.
 */
export function instrumentRedis(redis: Redis): () => void {
  if (typeof redis !== "object" || redis === null || !("settled" in redis))
    throw new ConfigError("instrumentRedis: it takes the client: instrumentRedis(createRedis())")
  const tracer = trace.getTracer(NAME)
  const instruments = makeInstruments(redis)
  const onBatch = ({ size, command, done }: EventDetails["batch"]): void => {
    const attributes: Attributes = { ...SYSTEM, "db.operation.name": command }
    if (size > 1) attributes["db.operation.batch.size"] = size
    const span = tracer.startSpan(command, { kind: SpanKind.CLIENT, attributes })
    void done.then(({ tookMs, error }) => {
      const failure: Attributes = error === undefined ? {} : { "error.type": error }
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttributes(failure)
      span.end()
      instruments.duration.record(tookMs / 1_000, { ...SYSTEM, "db.operation.name": command, ...failure })
    })
  }
  const stops = [
    redis.on("batch", onBatch),
    redis.on("open", ({ tookMs }) => instruments.createTime.record(tookMs / 1_000, SYSTEM)),
    redis.on("lease", ({ waitedMs }) => instruments.waitTime.record(waitedMs / 1_000, SYSTEM)),
    redis.on("timeout", ({ command }) =>
      instruments.timeouts.add(1, { ...SYSTEM, "db.operation.name": command }),
    ),
    redis.on("evict", () => instruments.evictions.add(1, SYSTEM)),
    redis.on("retry", ({ what }) => instruments.retries.add(1, { ...SYSTEM, "warmpool.retry": what })),
    redis.on("leak", () => instruments.leaks.add(1, SYSTEM)),
    instruments.stop,
  ]
  return () => {
    for (const stop of stops.splice(0)) stop()
  }
}

function makeInstruments(redis: Redis) {
  const meter = metrics.getMeter(NAME)
  const seconds = { unit: "s", advice: { explicitBucketBoundaries: BOUNDARIES } }
  const connections = meter.createObservableUpDownCounter("db.client.connection.count", {
    unit: "{connection}",
  })
  const waiting = meter.createObservableUpDownCounter("db.client.connection.pending_requests", {
    unit: "{request}",
  })
  const observe = (result: { observe(value: number, attributes: Attributes): void }): void => {
    const { idle, shared, leased } = redis.stats()
    result.observe(idle, { ...SYSTEM, "db.client.connection.state": "idle" })
    result.observe(shared + leased, { ...SYSTEM, "db.client.connection.state": "used" })
  }
  const observeWaiting = (result: { observe(value: number, attributes: Attributes): void }): void =>
    result.observe(redis.stats().waiting, SYSTEM)
  connections.addCallback(observe)
  waiting.addCallback(observeWaiting)
  return {
    duration: meter.createHistogram("db.client.operation.duration", seconds),
    createTime: meter.createHistogram("db.client.connection.create_time", seconds),
    waitTime: meter.createHistogram("db.client.connection.wait_time", seconds),
    timeouts: meter.createCounter("warmpool.timeouts", { unit: "{command}" }),
    evictions: meter.createCounter("warmpool.evictions", { unit: "{connection}" }),
    retries: meter.createCounter("warmpool.retries", { unit: "{retry}" }),
    leaks: meter.createCounter("warmpool.leaks", { unit: "{lease}" }),
    stop: () => {
      connections.removeCallback(observe)
      waiting.removeCallback(observeWaiting)
    },
  }
}
